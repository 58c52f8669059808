/** The fields of an event in the order of the columns of staging, which is that of the alphabet. */
export const eventFields: readonly string[] = [
  ...['artist', 'auth', 'firstName', 'gender', 'itemInSession', 'lastName', 'length', 'level', 'location'],
  ...['method', 'page', 'registration', 'sessionId', 'song', 'status', 'ts', 'userAgent', 'userId'],
];

/** The content of `log_json_path.json`: a Redshift JSONPaths file. */
export function jsonPaths(): string {
  return JSON.stringify({ jsonpaths: eventFields.map((field) => `$['${field}']`) }, null, 4);
}
