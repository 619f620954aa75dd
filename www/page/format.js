// @ts-check
// Numbers, sizes and times in the language of the page.

const language = document.documentElement.lang || undefined;

/** @param {number} count */
export function number(count) {
  return counts.format(count);
}

/**
 * A size with as many digits as help: "812 bytes", "3.4 MB", "734 MB".
 * @param {number} size
 */
export function bytes(size) {
  const { unit, value, digits } = scaled(size);
  return unitFormat(unit, digits).format(value);
}

/** @param {number} bytesPerSecond */
export function speed(bytesPerSecond) {
  const { unit, value, digits } = scaled(bytesPerSecond);
  return unitFormat(`${unit}-per-second`, digits).format(value);
}

/**
 * A share of 1, rounded down: it is 100 % only when nothing is missing.
 * @param {number} part
 */
export function percent(part) {
  return percents.format(Math.floor(part * 100) / 100);
}

/**
 * A time that is still to pass, as coarse as it is uncertain, so that it stands still most of the time.
 * @param {number} seconds
 */
export function duration(seconds) {
  const rounded = seconds < 10 ? Math.max(1, Math.ceil(seconds)) : Math.ceil(seconds / 5) * 5;
  if (rounded < MINUTE) return unitFormat("second", 0).format(rounded);
  const minutes = Math.ceil(rounded / MINUTE);
  if (minutes < 60) return unitFormat("minute", 0).format(minutes);
  const parts = { hours: Math.floor(minutes / 60), minutes: minutes % 60 };
  if (parts.hours >= 48) return unitFormat("day", 0).format(Math.round(parts.hours / 24));
  const hours = unitFormat("hour", 0).format(parts.hours);
  if (parts.hours >= 10 || parts.minutes === 0) return hours;
  return lists.format([hours, unitFormat("minute", 0).format(parts.minutes)]);
}

/**
 * When something was: "3 hours ago".
 * @param {Date} date
 * @param {Date} [now]
 */
export function ago(date, now = new Date()) {
  const seconds = Math.min(0, (date.getTime() - now.getTime()) / 1000);
  if (seconds > -MINUTE) return relatives.format(0, "second");
  if (seconds > -HOUR) return relatives.format(Math.round(seconds / MINUTE), "minute");
  if (seconds > -DAY) return relatives.format(Math.round(seconds / HOUR), "hour");
  return relatives.format(Math.round(seconds / DAY), "day");
}

/** @param {Date} date */
export function dateTime(date) {
  return dates.format(date);
}

/** @param {number} size */
function scaled(size) {
  let power = 0;
  while (power < UNITS.length - 1 && size >= 999.5 * 1000 ** power) power++;
  const value = size / 1000 ** power;
  return { unit: UNITS[power], value, digits: power >= 2 && value < 99.95 ? 1 : 0 };
}

/**
 * @param {string} unit
 * @param {number} digits after the point, always as many: a number that grows does not twitch
 */
function unitFormat(unit, digits) {
  const key = `${unit} ${digits}`;
  let format = unitFormats.get(key);
  if (!format) {
    const unitDisplay = unit === "byte" ? "long" : "short";
    format = new Intl.NumberFormat(language, {
      style: "unit",
      unit,
      unitDisplay,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    unitFormats.set(key, format);
  }
  return format;
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @type {Map<string, Intl.NumberFormat>} */
const unitFormats = new Map();
const counts = new Intl.NumberFormat(language);
const percents = new Intl.NumberFormat(language, { style: "percent" });
const lists = new Intl.ListFormat(language, { type: "unit", style: "narrow" });
const relatives = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const dates = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
