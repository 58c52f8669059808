/** Whether a text that is no JSON value is several of them, one after the other with nothing but whitespace between. */
export function holdsSeveralValues(text: string): boolean {
  let count = 0;
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, at)) {
    const end = endOfValue(text, at);
    if (end === at || !isValue(text.slice(at, end))) return false;
    at = end;
    count++;
  }
  return count > 1;
}

const space = /[ \t\r\n]*/y;
const scalar = /[^\s,:[\]{}"]*/y;

function skipSpace(text: string, at: number): number {
  return endOf(space, text, at);
}

function endOfValue(text: string, at: number): number {
  if (text[at] === '"') return endOfString(text, at);
  if (text[at] !== '{' && text[at] !== '[') return endOf(scalar, text, at);
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const character = text[i];
    if (character === '"') i = endOfString(text, i) - 1;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return i + 1;
  }
  return text.length;
}

/** By hand: a regular expression runs out of stack in a string of megabytes. */
function endOfString(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function isValue(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
