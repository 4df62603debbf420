-- batcher: say that a batcher lives, however long it takes over the requests in its hand.
-- KEYS: batchers      ARGV: batcher, its lease in ms
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2], ARGV[1])
