-- Four seats by their keys; ARGV: step (0 hold, 1 book, 2 cancel) and who asks. 1 granted, 0 refused.
local step, held, booked = ARGV[1], 'h:' .. ARGV[2], 'b:' .. ARGV[2]
local before = ({ ['0'] = false, ['1'] = held, ['2'] = booked })[step]
for _, seat in ipairs(KEYS) do
  if redis.call('GET', seat) ~= before then return 0 end
end
for _, seat in ipairs(KEYS) do
  if step == '0' then redis.call('SET', seat, held, 'PX', 600000)
  elseif step == '1' then redis.call('SET', seat, booked)
  else redis.call('DEL', seat) end
end
return 1
