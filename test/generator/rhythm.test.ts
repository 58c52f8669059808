import { describe, expect, test } from 'vitest';
import { chanceOfRest, warpFromDaytime, warpToDaytime } from '../../src/generator/rhythm.ts';

const day = 86_400;
const everyQuarter = Array.from({ length: 4 * 24 * 4 }, (_, index) => index * 900 - day);

describe('the rhythm of the day', () => {
  test('never turns time back', () => {
    for (const second of everyQuarter)
      expect(warpToDaytime(second + 900)).toBeGreaterThanOrEqual(warpToDaytime(second));
  });

  test('can be undone to within two seconds', () => {
    for (const second of everyQuarter) {
      expect(Math.abs(warpToDaytime(warpFromDaytime(second)) - second)).toBeLessThanOrEqual(2);
    }
  });

  test('puts more than three times as much into the hour at 15 as into the one at 3', () => {
    const evenSeconds = (hour: number) => warpFromDaytime((hour + 0.5) * 3600) - warpFromDaytime((hour - 0.5) * 3600);
    expect(evenSeconds(15) / evenSeconds(3)).toBeGreaterThan(3);
  });
});

describe('the chance of rest', () => {
  const at = (text: string) =>
    chanceOfRest((Date.parse(`${text}Z`) / 1000) % day, Math.floor(Date.parse(`${text}Z`) / 1000 / day));

  test.each([
    ['2018-11-14T12:00', 0],
    ['2018-11-17T12:00', 0.5],
    ['2018-11-18T12:00', 0.5],
    ['2018-11-22T12:00', 0.5],
    ['2018-11-23T12:00', 0.5],
    ['2018-11-29T12:00', 0],
    ['2018-12-25T12:00', 0.5],
    ['2019-01-01T12:00', 0.5],
  ])('at %s is %d', (text, chance) => {
    expect(at(text)).toBe(chance);
  });

  test.each([
    ['2018-11-16T20:59', 0],
    ['2018-11-16T22:30', 0.125],
    ['2018-11-17T00:00', 0.25],
    ['2018-11-17T01:30', 0.375],
    ['2018-11-18T23:59:59', 0.25],
    ['2018-11-19T01:30', 0.125],
    ['2018-11-19T03:00', 0],
  ])('turns around midnight: at %s it is %d', (text, chance) => {
    expect(at(text)).toBeCloseTo(chance, 3);
  });
});
