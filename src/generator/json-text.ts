/** A JSON string as the app's logger writes it: ASCII only, and slashes escaped too. */
export function asciiJson(text: string): string {
  return utf8Json(text).replace(/[^ -~]/g, escapeUnit);
}

/** The same for a logger that leaves everything beyond ASCII as it is. */
export function utf8Json(text: string): string {
  return JSON.stringify(text).replaceAll('/', '\\/');
}

/** One UTF-16 unit as backslash, u and four hexadecimal digits. */
function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
