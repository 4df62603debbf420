#!lua flags=allow-oom
-- claim: make the caller the one owner of the job that waits longest, under a lease and a new fencing token.
-- KEYS: index of queued jobs, index of running jobs, leases
-- ARGV: owner, lease in ms, what the key of a job begins with, what follows the ID in the key of its events
-- Gives {id, token}, or nil when no job waits.
local id, place
repeat
  local first = redis.call('ZPOPMIN', KEYS[1])
  id, place = first[1], first[2]
  if not id then return nil end
until redis.call('HGET', ARGV[3] .. id, 'status') == 'queued'
local job = ARGV[3] .. id
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local token = redis.call('HINCRBY', job, 'token', 1)
local attempt = redis.call('HINCRBY', job, 'attempt', 1)
redis.call('HINCRBY', job, 'revision', 1)
redis.call('HSET', job, 'status', 'running', 'owner', ARGV[1], 'claimed_at', now)
redis.call('HSETNX', job, 'started_at', now)
redis.call('ZADD', KEYS[2], place, id)
redis.call('ZADD', KEYS[3], now + ARGV[2], id)
redis.call('XADD', job .. ARGV[4], '*', 'event', 'running', 'data', cjson.encode({attempt = attempt}))
return {id, token}
