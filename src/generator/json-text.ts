/** A JSON string as the app's logger writes it: ASCII only, and slashes escaped too. */
export function asciiJson(text: string): string {
  return JSON.stringify(text)
    .replaceAll('/', '\\/')
    .replace(/[^ -~]/g, escapeUnit);
}

/** One UTF-16 unit as backslash, u and four hexadecimal digits. */
function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
