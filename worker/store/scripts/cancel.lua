#!lua flags=allow-oom
-- cancel: ask for a job's end. A queued job ends here; a running one is told at its next batch; a finished one stays.
-- KEYS: job, events, index of queued jobs, index of cancelled jobs
-- ARGV: id, retention in ms
-- Gives the status that now stands, or nil when there is no such job.
local status = redis.call('HGET', KEYS[1], 'status')
if not status then return nil end
if status ~= 'queued' and status ~= 'running' then return status end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('HSETNX', KEYS[1], 'cancel_requested_at', now) == 0 then return status end
redis.call('HINCRBY', KEYS[1], 'revision', 1)
if status == 'running' then
  redis.call('XADD', KEYS[2], '*', 'event', 'cancel_requested', 'data', '{}')
  return status
end
redis.call('HSET', KEYS[1], 'status', 'cancelled', 'finished_at', now)
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[4], redis.call('HGET', KEYS[1], 'place'), ARGV[1])
redis.call('XADD', KEYS[2], '*', 'event', 'cancelled', 'data', '{}')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 'cancelled'
