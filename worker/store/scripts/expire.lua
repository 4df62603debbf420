-- expire: take a running job from an owner whose lease has ended: back to the queue, or failed after the last attempt.
-- KEYS: job, events, leases, index of running jobs, index of queued jobs, unsent, index of failed jobs,
--       index of cancelled jobs
-- ARGV: id, most attempts, retention in ms (0: until it is deleted)
-- Gives the status that now stands, or nil when the lease holds or the job is not running: nothing was written.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ends = redis.call('ZSCORE', KEYS[3], ARGV[1])
if not ends or tonumber(ends) > now then return nil end
local record = redis.call('HMGET', KEYS[1], 'status', 'attempt', 'place', 'cancel_requested_at')
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
if record[1] ~= 'running' then return nil end
redis.call('HINCRBY', KEYS[1], 'token', 1)  -- from here on every write of the old owner is refused
redis.call('HINCRBY', KEYS[1], 'revision', 1)

local status, data, index = 'queued', cjson.encode({reason = 'the worker was lost'}), KEYS[5]
if record[4] then
  status, data, index = 'cancelled', '{}', KEYS[8]
elseif tonumber(record[2]) >= tonumber(ARGV[2]) then
  status, index = 'failed', KEYS[7]
  data = cjson.encode({code = 'worker_lost',
    message = 'the worker was lost in the middle of attempt ' .. record[2] .. ' of ' .. ARGV[2]
      .. '; see its log, then submit it again'})
  redis.call('HSET', KEYS[1], 'error', data)
end
redis.call('HSET', KEYS[1], 'status', status)
redis.call('ZADD', index, record[3], ARGV[1])
redis.call('XADD', KEYS[2], '*', 'event', status, 'data', data)
if status == 'queued' then
  redis.call('ZADD', KEYS[6], 0, ARGV[1])
else
  redis.call('HSET', KEYS[1], 'finished_at', now)
  if tonumber(ARGV[3]) > 0 then
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    redis.call('PEXPIRE', KEYS[2], ARGV[3])
  end
end
return status
