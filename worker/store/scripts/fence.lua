#!lua flags=allow-oom
-- fence: write something, so that who waits for replicas waits for all that was written before.
-- KEYS: fence
redis.call('SET', KEYS[1], 1)
