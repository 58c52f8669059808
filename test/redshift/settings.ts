import type { Plan } from './rewrite/plan.ts';
import type { Session } from './session.ts';
import { isWord } from './sql/scan.ts';
import type { Statement } from './sql/statement.ts';
import { render } from './sql/tokens.ts';

/** Settings of Redshift that PostgreSQL does not know, with what they are at first; kept there under `redshift.`. */
const ownSettings: Readonly<Record<string, string>> = {
  query_group: 'default',
  enable_result_cache_for_session: 'on',
  enable_case_sensitive_identifier: 'off',
  error_on_nondeterministic_update: 'off',
  wlm_query_slot_count: '1',
  analyze_threshold_percent: '10',
};

/** A statement that gives a session its settings of Redshift, and its clock. */
export function initialSettings(given: ReadonlyMap<string, string>, clockAheadMs: number): string {
  const clock = `set_config('redshift.clock_ahead', '${clockAheadMs} milliseconds', false)`;
  const calls = Object.entries(ownSettings).map(
    ([name, value]) => `set_config('redshift.${name}', '${(given.get(name) ?? value).replaceAll("'", "''")}', false)`,
  );
  return `select ${[clock, ...calls].join(', ')}`;
}

/** What SET, SHOW, RESET and GRANT ASSUMEROLE come to; undefined for all other statements. */
export function planSetting(session: Session, { kind, tokens }: Statement): Plan | undefined {
  if ((kind === 'grant' || kind === 'revoke') && isWord(tokens[1], 'assumerole'))
    return grantRole(session, kind, tokens);
  if (!['set', 'show', 'reset'].includes(kind)) return undefined;
  const at = isWord(tokens[1], 'session', 'local') ? 2 : 1;
  const name = tokens[at]?.value ?? '';
  if (kind === 'show' && name === 'server_version') return plain("select '8.0.2' as server_version");
  if (kind === 'show' && name === 'require_ssl') return plain(`select '${session.shared.requireTls}' as require_ssl`);
  if (name === 'enable_case_sensitive_identifier')
    session.caseSensitive = kind === 'set' && isWord(tokens[at + 2], 'on', 'true');
  const value = render(tokens.slice(at + 1));
  const scope = at === 2 ? `${tokens[1]?.text} ` : '';
  if (!(name in ownSettings)) return plain(render(tokens).trim());
  if (kind === 'show') return plain(`select current_setting('redshift.${name}') as ${name}`);
  if (kind === 'reset') return plain(`set redshift.${name} to '${ownSettings[name]}'`);
  return plain(`set ${scope}redshift.${name}${value}`);
}

function plain(sql: string): Plan {
  return { steps: [sql], shown: 0, tag: '' };
}

// GRANT ASSUMEROLE ON 'arn' TO user FOR COPY (facts 6).
function grantRole({ shared }: Session, kind: 'grant' | 'revoke', tokens: Statement['tokens']): Plan {
  const at = tokens.findIndex((token) => isWord(token, 'to', 'from'));
  const name = tokens[at + 1]?.value ?? '';
  const users = name === 'public' ? shared.users.map((user) => user.name) : [name];
  for (const user of users) shared.assumeRole.set(user, kind === 'grant');
  return { steps: [], shown: undefined, tag: kind.toUpperCase() };
}
