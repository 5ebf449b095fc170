import { createRedisScript, NOW_LUA } from './redis-script.ts';

/** Lua prints only 14 digits of a number unless it is formatted. */
const FORMAT = `local function text(number) return string.format('%.17g', number) end`;

/** Stores a time until it has passed. */
const STORE = `
local function store(key, untilMs)
  local ttl = math.ceil(untilMs - now)
  if ttl > 0 then redis.call('SET', key, text(untilMs), 'PX', ttl) else redis.call('DEL', key) end
end`;

/**
 * Applies corrections, then makes decisions one after another, as the memory limiter does. Values: time, rounding,
 * corrections, and demands. A correction is an index of a key, a change and the time just after the request took it; see
 * `correct` for the rule. A request is the number of its demands, then an index of a key and a cost for each. The reply
 * has the time, and for each request the index of the refused demand, its wait, and the times of its keys.
 */
export const RATE_BATCH_SCRIPT = createRedisScript(`${NOW_LUA}${FORMAT}${STORE}
local rounding, times, changed = tonumber(ARGV[2]), redis.call('MGET', unpack(KEYS)), {}
for index = 1, #KEYS do times[index] = tonumber(times[index] or now) end
for index, change, taken in string.gmatch(ARGV[3], '(%S+) (%S+) (%S+)') do
  index, change, taken = tonumber(index), tonumber(change), tonumber(taken)
  if change > 0 then times[index] = math.max(times[index], now) + change
  else times[index] = times[index] - math.min(-change, math.max(0, taken - now)) end
  changed[index] = true
end
local reply, read = { text(now) }, string.gmatch(ARGV[4], '%S+')
local function add(value) reply[#reply + 1] = value end
for demands in read do
  local refused, wait, indexes, costs = -1, rounding, {}, {}
  for position = 1, tonumber(demands) do
    local index, cost = tonumber(read()), tonumber(read())
    indexes[position], costs[position] = index, cost
    local excess = math.max(times[index], now) + cost - now - 60000
    if excess > wait then refused, wait = position - 1, excess end
  end
  add(refused)
  add(text(wait))
  for position, index in ipairs(indexes) do
    if refused < 0 then
      times[index] = math.max(times[index], now) + costs[position]
      changed[index] = true
    end
    add(text(math.max(times[index], now)))
  end
end
for index in pairs(changed) do store(KEYS[index], times[index]) end
return table.concat(reply, ' ')`);

/** Values: time, then for how long to occupy each key at least. */
export const OCCUPY_SCRIPT = createRedisScript(`${NOW_LUA}${FORMAT}${STORE}
for index, key in ipairs(KEYS) do
  store(key, math.max(tonumber(redis.call('GET', key) or now), now + tonumber(ARGV[index + 1])))
end`);
