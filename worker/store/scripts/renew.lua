#!lua flags=allow-oom
-- renew: the owner lives; its lease starts anew.
-- KEYS: job, leases      ARGV: id, token, lease in ms
-- Gives 'renewed' · 'cancel' (renewed, and someone asked for an end) · 'lost' (the token is not the job's any more)
local record = redis.call('HMGET', KEYS[1], 'status', 'token', 'cancel_requested_at')
if record[1] ~= 'running' or record[2] ~= ARGV[2] then return 'lost' end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3], ARGV[1])
return record[3] and 'cancel' or 'renewed'
