/** An error that the stand-in answers in Redshift's place; the transaction it falls into is aborted. */
export class Refusal extends Error {
  readonly sqlState: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  /** The rule of docs/redshift.md behind it; the client sees it as the error's routine. */
  rule: string | undefined;

  constructor(sqlState: string, message: string, { detail, hint }: { detail?: string; hint?: string } = {}) {
    super(message);
    this.name = 'Refusal';
    this.sqlState = sqlState;
    this.detail = detail;
    this.hint = hint;
  }
}

/** What Redshift's parser says. */
export function syntaxError(near: string): Refusal {
  return new Refusal('42601', `syntax error at or near "${near}"`);
}

/** What Redshift says of a function or type it does not run over user tables (facts 3.3). */
export function leaderOnly(name: string): Refusal {
  return new Refusal('0A000', 'Specified types or functions (one per INFO message) not supported on Redshift tables.', {
    detail: `Function "${name}" not supported.`,
  });
}

/**
 * Redshift might take it, but the documentation leaves it open or contradicts itself; code must not depend on it, so
 * the stand-in refuses.
 */
export function leftOpen(what: string, instead: string): Refusal {
  return new Refusal(
    '0A000',
    `The stand-in refuses ${what}: the documentation leaves open whether Redshift takes it.`,
    {
      hint: `Write ${instead}.`,
    },
  );
}

/** Redshift takes it, the stand-in does not know it yet. */
export function notEmulated(what: string): Refusal {
  return new Refusal('0A000', `The stand-in does not emulate ${what}.`, {
    hint: 'Redshift may well take it; teach test/redshift how it behaves there, with its source.',
  });
}

/** An error of the compute nodes: the same text, and a block of details as Redshift prints it. */
export function nodeError(code: number, message: string, context = ''): Refusal {
  const detail = [
    '',
    '  -----------------------------------------------',
    `  error:  ${message}`,
    `  code:      ${code}`,
    `  context:   ${context}`,
    '  query:     0',
    '  location:  stand-in',
    '  process:   padbmaster [pid=0]',
    '  -----------------------------------------------',
  ].join('\n');
  return new Refusal('XX000', message, { detail });
}
