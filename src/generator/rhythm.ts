/** When sessions begin: peaks in the afternoon (UTC), half as many on days off. Sessions carry the rhythm, events follow. */

const secondsADay = 86_400;

/** sin(2 pi (hour - 3) / 24) in thousandths, for the hours 0…24. */
const wave = [
  -707, -500, -259, 0, 259, 500, 707, 866, 966, 1000, 966, 866, 707, 500, 259, 0, -259, -500, -707, -866, -966, -1000,
  -966, -866, -707,
];

/** Seconds by which a session is moved at most, 0.09375 days: the rate swings between 0.63 and 2.4 times its mean. */
const farthest = 8100;

/** The chance that a session of a day off does not take place. */
const dampingOnDaysOff = 0.5;

/** Half of the time, around midnight, in which a working day turns into a day off or back. */
const turnSeconds = 180 * 60;

/** Moves a second (since a UTC midnight) so that evenly spread sessions thin out at night and crowd around 15:00. */
export function warpToDaytime(even: number): number {
  const hours = (((even % secondsADay) + secondsADay) % secondsADay) / 3600;
  const before = wave[Math.floor(hours)] ?? 0;
  const after = wave[Math.floor(hours) + 1] ?? 0;
  const height = before + (after - before) * (hours - Math.floor(hours));
  return even + Math.floor((farthest * height) / 1000);
}

/** The last second that `warpToDaytime`, which never turns back, moves to this one or before it. By bisection. */
export function warpFromDaytime(warped: number): number {
  let low = warped - farthest;
  let high = warped + farthest + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (warpToDaytime(middle) <= warped) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * The chance, 0…0.5, that a session due at this second is dropped because it is a weekend or a holiday in the US.
 * `epochDay` is the UTC day that second 0 begins, counted from 1970-01-01.
 */
export function chanceOfRest(second: number, epochDay: number): number {
  const day = epochDay + Math.floor(second / secondsADay);
  const sinceMidnight = second % secondsADay;
  const untilMidnight = secondsADay - sinceMidnight;
  if (sinceMidnight < turnSeconds)
    return dampingOnDaysOff * between(day - 1, day, 0.5 + sinceMidnight / turnSeconds / 2);
  if (untilMidnight < turnSeconds)
    return dampingOnDaysOff * between(day, day + 1, 0.5 - untilMidnight / turnSeconds / 2);
  return dampingOnDaysOff * dayOff(day);
}

function between(day: number, next: number, part: number): number {
  return dayOff(day) * (1 - part) + dayOff(next) * part;
}

function dayOff(epochDay: number): 0 | 1 {
  const weekday = (((epochDay + 4) % 7) + 7) % 7;
  return weekday === 0 || weekday === 6 || isHoliday(epochDay, weekday) ? 1 : 0;
}

/** New Year, Independence Day, Christmas, and Thanksgiving with the day after. */
function isHoliday(epochDay: number, weekday: number): boolean {
  const date = new Date(epochDay * secondsADay * 1000);
  const monthAndDay = `${date.getUTCMonth() + 1}-${date.getUTCDate()}`;
  if (['1-1', '7-4', '12-25'].includes(monthAndDay)) return true;
  const thursday = date.getUTCDate() - (weekday - 4);
  return date.getUTCMonth() === 10 && (weekday === 4 || weekday === 5) && thursday >= 22 && thursday <= 28;
}
