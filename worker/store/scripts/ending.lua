-- ending: what other scripts share about records that have a parent or children (`-- needs ending` in their first lines).
-- A record that waits for its children has `pending`, how many have not ended, and `index`, the key that its own indexes
-- begin with; its children stand in the list `…:children` by their keys. A child has `parent`, the key of that record.

-- A record has ended: its parent, if it waits, has one less to wait for, and its turn again after the last.
local function ended(child)
  local parent = redis.call('HGET', child, 'parent')
  if not parent then return end
  local record = redis.call('HMGET', parent, 'status', 'id', 'place', 'index')
  if record[1] ~= 'waiting' or redis.call('HINCRBY', parent, 'pending', -1) > 0 then return end
  redis.call('HSET', parent, 'status', 'queued')
  redis.call('HINCRBY', parent, 'revision', 1)
  redis.call('ZREM', record[4] .. ':waiting', record[2])
  redis.call('ZADD', record[4] .. ':queued', record[3], record[2])
  redis.call('XADD', parent .. ':events', '*', 'event', 'queued', 'data', '{}')
end

-- The end of these children is asked for: one that waits ends here, one that runs is told at its next step.
local function cancel_children(parent, now, retention)
  for _, child in ipairs(redis.call('LRANGE', parent .. ':children', 0, -1)) do
    local record = redis.call('HMGET', child, 'status', 'id', 'place', 'index')
    local waits = record[1] == 'queued' or record[1] == 'waiting'
    if (waits or record[1] == 'running') and redis.call('HSETNX', child, 'cancel_requested_at', now) == 1 then
      redis.call('HINCRBY', child, 'revision', 1)
      if waits then
        redis.call('HSET', child, 'status', 'cancelled', 'finished_at', now)
        redis.call('ZREM', record[4] .. ':' .. record[1], record[2])
        redis.call('ZADD', record[4] .. ':cancelled', record[3], record[2])
        redis.call('PEXPIRE', child, retention)
        redis.call('PEXPIRE', child .. ':events', retention)
      end
      redis.call('XADD', child .. ':events', '*', 'event', waits and 'cancelled' or 'cancel_requested', 'data', '{}')
      if record[1] == 'waiting' then cancel_children(child, now, retention) end
    end
  end
end
