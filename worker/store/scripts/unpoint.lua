-- unpoint: let an alias stand for nothing.
-- KEYS: alias, index of aliases      ARGV: name
-- Gives 1, or 0 when it stood for nothing already.
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
