#!lua flags=allow-oom
-- charge: note how many bytes a thing has that is kept, for the caller who brought it, unless they are more than may be.
-- KEYS: sizes (thing → bytes), callers (thing → who brought it), sums (caller → bytes, '*' → of all), quotas (caller →
--       bytes), when each thing was looked at
-- ARGV: thing, its bytes from now on, caller ('': as noted before), the caller's quota ('': as noted before), a thing of
--       the same caller ('': none), most bytes in all (0: any number), rule: '1' notes them even so, '2' refuses also a
--       caller who has reached its quota, '0' does neither
-- Gives {'charged'} · {'quota', bytes of the caller, its quota} · {'full', bytes of all}
local thing, size = ARGV[1], tonumber(ARGV[2])
local caller = ARGV[3] ~= '' and ARGV[3] or redis.call('HGET', KEYS[2], thing)
if not caller and ARGV[5] ~= '' then caller = redis.call('HGET', KEYS[2], ARGV[5]) end
caller = caller or ''
local more = size - tonumber(redis.call('HGET', KEYS[1], thing) or 0)
local own = tonumber(redis.call('HGET', KEYS[3], caller) or 0)
local all = tonumber(redis.call('HGET', KEYS[3], '*') or 0)
local quota = tonumber(ARGV[4] ~= '' and ARGV[4] or redis.call('HGET', KEYS[4], caller) or '')
local unbounded = ARGV[7] == '1' or more <= 0
if caller ~= '' and quota and (not unbounded and own + more > quota or ARGV[7] == '2' and own >= quota) then
  return {'quota', own, quota}
end
if not unbounded and tonumber(ARGV[6]) > 0 and all + more > tonumber(ARGV[6]) then return {'full', all} end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], thing, string.format('%d', size))
redis.call('HSET', KEYS[2], thing, caller)
redis.call('HSET', KEYS[3], caller, string.format('%d', own + more), '*', string.format('%d', all + more))
if ARGV[4] ~= '' then redis.call('HSET', KEYS[4], caller, ARGV[4]) end
redis.call('ZADD', KEYS[5], time[1] * 1000 + math.floor(time[2] / 1000), thing)
return {'charged'}
