#!lua flags=allow-oom
-- needs ending
-- finish: end a running job, and write what came of it. A model's record is written with it: both are there or neither.
-- KEYS: job, events, leases, index of running jobs, index of jobs with the new status, index of cancelled jobs,
--       model, index of models, sequence of models, then the orders in which a job that has succeeded stands
-- ARGV: id, token, status, error as JSON ('' for none), retention in ms (0: until it is deleted), model id ('' for none),
--       how many of the following are the job's own fields and values, those, its figure in each of the orders
--       ('duration': the seconds that it took), then the model's own
-- Gives the status that now stands, or nil when the token is not the job's any more: nothing was written.
-- Called again by the same owner, because the first answer was lost on the way, it gives the same answer.
local record = redis.call('HMGET', KEYS[1], 'status', 'token', 'cancel_requested_at', 'place', 'started_at')
if record[2] ~= ARGV[2] or record[1] == 'queued' then return nil end
if record[1] ~= 'running' then return record[1] end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local status, index, model, own, orders = ARGV[3], KEYS[5], ARGV[6], tonumber(ARGV[7]), #KEYS - 9
if record[3] and status == 'succeeded' then
  status, index, model = 'cancelled', KEYS[6], ''  -- the cancel was first: it was promised, so it holds
end
redis.call('HSET', KEYS[1], 'status', status, 'finished_at', now)
redis.call('HINCRBY', KEYS[1], 'revision', 1)
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'error', ARGV[4]) end
if own > 0 then redis.call('HSET', KEYS[1], unpack(ARGV, 8, 7 + own)) end
if model ~= '' then
  local place = redis.call('INCR', KEYS[9])
  redis.call('HSET', KEYS[1], 'model_id', model)
  redis.call('HSET', KEYS[7], 'id', model, 'created_at', now, 'revision', 1, 'place', place, unpack(ARGV, 8 + own + orders))
  redis.call('ZADD', KEYS[8], place, model)
end
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('ZADD', index, record[4], ARGV[1])
for order = 1, status == 'succeeded' and orders or 0 do
  local figure = ARGV[7 + own + order]
  if figure == 'duration' then figure = (now - record[5]) / 1000 end
  redis.call('ZADD', KEYS[9 + order], figure, ARGV[1])
end
redis.call('XADD', KEYS[2], '*', 'event', status, 'data', ARGV[4] ~= '' and ARGV[4] or '{}')
if tonumber(ARGV[5]) > 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
  redis.call('PEXPIRE', KEYS[1] .. ':children', ARGV[5])
end
ended(KEYS[1])
return status
