#!lua flags=allow-oom
-- needs ending
-- expire: take a running job from an owner who is gone: back to the queue, or failed after the last attempt.
-- KEYS: job, events, leases, index of running jobs, index of queued jobs, index of failed jobs, index of cancelled jobs
-- ARGV: id, most attempts, retention in ms (0: until it is deleted), proof ('lease' or 'token'), its value: the end of the
--       lease or the token that the owner has, as the caller knows it; JSON of the event if the job is put back, JSON of the
--       error if it is not
-- Gives the status that now stands, or nil when the owner is another by now, or has renewed its lease: nothing was written.
local record = redis.call('HMGET', KEYS[1], 'status', 'attempt', 'place', 'cancel_requested_at', 'token')
local ends = redis.call('ZSCORE', KEYS[3], ARGV[1])
if ARGV[4] == 'token' then
  if record[1] ~= 'running' or record[5] ~= ARGV[5] then return nil end
elseif not ends or tonumber(ends) ~= tonumber(ARGV[5]) then
  return nil
end
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
if record[1] ~= 'running' then return nil end
redis.call('HINCRBY', KEYS[1], 'token', 1)  -- from here on every write of the old owner is refused
redis.call('HINCRBY', KEYS[1], 'revision', 1)

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local status, data, index = 'queued', ARGV[6], KEYS[5]
if record[4] then
  status, data, index = 'cancelled', '{}', KEYS[7]
elseif tonumber(record[2]) >= tonumber(ARGV[2]) then
  status, data, index = 'failed', ARGV[7], KEYS[6]
  redis.call('HSET', KEYS[1], 'error', data)
end
redis.call('HSET', KEYS[1], 'status', status)
redis.call('ZADD', index, record[3], ARGV[1])
redis.call('XADD', KEYS[2], '*', 'event', status, 'data', data)
if status ~= 'queued' then
  redis.call('HSET', KEYS[1], 'finished_at', now)
  if tonumber(ARGV[3]) > 0 then
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    redis.call('PEXPIRE', KEYS[2], ARGV[3])
    redis.call('PEXPIRE', KEYS[1] .. ':children', ARGV[3])
  end
  ended(KEYS[1])
end
return status
