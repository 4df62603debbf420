#!lua flags=allow-oom
-- spend: let a caller's request pass if it keeps its rate, by the generic cell rate algorithm (ITU-T I.371): one number a
-- caller, the moment when it will have used up nothing of its allowance again.
-- KEYS: the caller's allowance      ARGV: ms that one request costs, requests that may come at once
-- Gives 0 when it passes, else after how many ms it would.
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local cost, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local rested = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + cost
local wait = rested - burst * cost - now
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.3f', rested), 'PX', math.ceil(rested - now))
return 0
