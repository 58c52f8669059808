/**
 * Of the rules by which lines become rows and rejects. Raised whenever a line could land otherwise than before: what
 * was landed by other rules is landed again.
 */
export const landingVersion = 1;
