-- ask: put prediction requests in their lane, and tell whether a batcher must be woken.
-- KEYS: list of the lane, turns, batchers
-- ARGV: lane, most that may wait in it, most that may wait in all, how long a wake-up may take in ms, how long the
--       list is kept in ms, prefix of such lists, then each request's lifetime in ms and the request itself
-- Gives how many were taken, the first ones, and 1 when a batcher must be woken.
local pending, others = redis.call('LLEN', KEYS[1]), 0
for _, lane in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
  if lane ~= ARGV[1] then others = others + redis.call('LLEN', ARGV[6] .. lane) end
end
local room = math.min(ARGV[2] - pending, ARGV[3] - pending - others, (#ARGV - 6) / 2)
if room <= 0 then return {0, 0} end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for number = 1, room do
  local ends = string.format('%d', now + ARGV[5 + 2 * number])
  redis.call('RPUSH', KEYS[1], ends .. '\n' .. ARGV[6 + 2 * number])
end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
if not redis.call('LPOS', KEYS[2], ARGV[1]) then redis.call('RPUSH', KEYS[2], ARGV[1]) end
if redis.call('ZCOUNT', KEYS[3], now, '+inf') > 0 then return {room, 0} end
redis.call('ZADD', KEYS[3], now + ARGV[4], 'wake-up')  -- as long as one is under way, no other is sent
return {room, 1}
