-- ask: put a prediction request on its model's list, and tell whether its drainer must be woken.
-- KEYS: list of pending requests, drainer      ARGV: request, most that may wait, lifetime in ms, drainer's lifetime in ms
-- Gives 1 (wake a drainer) · 0 (one is at work) · -1 (as many wait as may)
if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[2]) then return -1 end
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return redis.call('SET', KEYS[2], 1, 'NX', 'PX', ARGV[4]) and 1 or 0
