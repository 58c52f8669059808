/** Where a statement ran, for messages. */
export interface Place {
  /** `host:port/database` */
  readonly shown: string;
  /** The database user, where the warehouse has told it. */
  readonly user?: string | undefined;
  /** Where unqualified tables are. */
  readonly schema?: string | undefined;
}

/** The parts of an error of the wire that are looked at. */
export interface WireError {
  /** An SQLSTATE, often XX000 whatever it is (facts 3.7), or a code of Node. */
  readonly code: string;
  readonly message: string;
  /** Of the compute nodes a block of several lines, with a number of their own after `code:`. */
  readonly detail: string;
}

/** What was thrown, taken apart. */
export function wireErrorOf(error: unknown): WireError {
  const { code, message, detail } = (typeof error === 'object' && error !== null ? error : {}) as Record<
    string,
    unknown
  >;
  return { code: textOf(code), message: textOf(message), detail: textOf(detail) };
}

/** The number that the compute nodes give an error, of facts 1.13 or another. */
export function nodeCodeOf({ message, detail }: WireError): number | undefined {
  const found = /^\s*code:\s+(\d+)/m.exec(detail)?.[1] ?? /^(\d{4})\b/.exec(message)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** All of it on one line, for patterns. */
export function textToMatch({ code, message, detail }: WireError): string {
  return `${code} ${message} ${detail}`.replaceAll(/\s+/g, ' ');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
