/** What to do about another run, for whom it was waited so long already; a sentence without its end. */
export function waitHint(waitMs: number, until = 'it has finished'): string {
  return waitMs === 0
    ? `Add --wait to wait until ${until}`
    : `It was waited for ${waitMs / 1_000} s in vain: give --wait more seconds`;
}
