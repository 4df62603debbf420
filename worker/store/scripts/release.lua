#!lua flags=allow-oom
-- release: the owner stops for a reason that is not the job's, and puts the job back. That is no failed attempt.
-- KEYS: job, events, leases, index of running jobs, index of queued jobs
-- ARGV: id, token, reason
-- Gives 1, or 0 when the token is not the job's any more: nothing was written.
local record = redis.call('HMGET', KEYS[1], 'status', 'token', 'place')
if record[1] ~= 'running' or record[2] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'status', 'queued')
redis.call('HINCRBY', KEYS[1], 'attempt', -1)
redis.call('HINCRBY', KEYS[1], 'revision', 1)
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('ZADD', KEYS[5], record[3], ARGV[1])
redis.call('XADD', KEYS[2], '*', 'event', 'queued', 'data', cjson.encode({reason = ARGV[3]}))
return 1
