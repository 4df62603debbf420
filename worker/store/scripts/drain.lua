-- drain: take up to a batch of pending prediction requests; with none left, the drainer signs off in the same step.
-- KEYS: list of pending requests, drainer      ARGV: most to take, drainer's lifetime in ms
local taken = redis.call('LPOP', KEYS[1], ARGV[1])
if not taken then
  redis.call('DEL', KEYS[2])
  return {}
end
redis.call('SET', KEYS[2], 1, 'PX', ARGV[2])
return taken
