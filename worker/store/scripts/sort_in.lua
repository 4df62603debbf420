#!lua flags=allow-oom
-- sort_in: write what lists are made from into a job that an earlier version wrote: its words, its data set, its orders.
-- KEYS: job, orders in which it stands, once it has succeeded
-- ARGV: id, text, data set, then its figure in each of the orders
-- Gives 1, or 0 when there is no such job any more.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'text', ARGV[2], 'dataset', ARGV[3])
for order = 2, #KEYS do redis.call('ZADD', KEYS[order], ARGV[2 + order], ARGV[1]) end
return 1
