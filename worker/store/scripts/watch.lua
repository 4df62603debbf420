-- watch: count the batchers that died, and tell whether requests wait although nobody is at work.
-- KEYS: turns, batchers, deaths
-- ARGV: how long a wake-up may take in ms
-- Gives the deaths, and 1 when a batcher must be woken. The count begins with the time: a server that was started again,
-- and has forgotten every request, gives another one.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[3], string.format('%d', now), 'NX')
local dead = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)
for _, batcher in ipairs(dead) do
  redis.call('ZREM', KEYS[2], batcher)
  if batcher ~= 'wake-up' then redis.call('INCR', KEYS[3]) end
end
local wake = 0
if redis.call('EXISTS', KEYS[1]) == 1 and redis.call('ZCARD', KEYS[2]) == 0 then
  redis.call('ZADD', KEYS[2], now + ARGV[1], 'wake-up')
  wake = 1
end
return {tonumber(redis.call('GET', KEYS[3])), wake}
