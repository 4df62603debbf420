#!lua flags=allow-oom
-- discharge: a thing is not kept any more; whoever brought it is charged for it no more.
-- KEYS: sizes, callers, sums, quotas, when each thing was looked at      ARGV: thing
local size = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0)
local caller = redis.call('HGET', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[5], ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
if not caller then return end
redis.call('HINCRBY', KEYS[3], '*', string.format('%d', -size))
if redis.call('HINCRBY', KEYS[3], caller, string.format('%d', -size)) <= 0 then
  redis.call('HDEL', KEYS[3], caller)
  redis.call('HDEL', KEYS[4], caller)
end
