-- drainer: say that a drainer lives, however long it takes over the requests in its hand.
-- KEYS: drainers      ARGV: drainer, its lease in ms
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2], ARGV[1])
