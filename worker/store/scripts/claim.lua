#!lua flags=allow-oom
-- claim: make the caller the one owner of a queued job, under a lease and a new fencing token.
-- KEYS: job, index of queued jobs, index of running jobs, leases, unsent, events
-- ARGV: id, owner, lease in ms
-- Gives the token, or nil when the job is not there to be claimed.
if redis.call('HGET', KEYS[1], 'status') ~= 'queued' then return nil end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local token = redis.call('HINCRBY', KEYS[1], 'token', 1)
local attempt = redis.call('HINCRBY', KEYS[1], 'attempt', 1)
redis.call('HINCRBY', KEYS[1], 'revision', 1)
redis.call('HSET', KEYS[1], 'status', 'running', 'owner', ARGV[2], 'claimed_at', now)
redis.call('HSETNX', KEYS[1], 'started_at', now)
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[5], ARGV[1])
redis.call('ZADD', KEYS[3], redis.call('HGET', KEYS[1], 'place'), ARGV[1])
redis.call('ZADD', KEYS[4], now + ARGV[3], ARGV[1])
redis.call('XADD', KEYS[6], '*', 'event', 'running', 'data', cjson.encode({attempt = attempt}))
return token
