import { Refusal } from '../refusal.ts';
import type { Rule } from './rule.ts';

/** Which system tables a session sees. */
export const systemRules: readonly Rule[] = [
  {
    name: 'STL and STV tables on Serverless, for a regular user',
    fact: '1.13',
    examples: ['select count(*) from stl_load_errors', 'select count(*) from stv_sessions'],
    check: ({ blocks, kind, superuser }) => {
      if (kind !== 'serverless' || superuser) return undefined;
      const names = blocks.flatMap(({ relations }) => relations.map(({ name }) => name));
      const hidden = names.find((name) => /^(stl|stv)_/.test(name));
      return hidden === undefined ? undefined : new Refusal('42501', `permission denied for relation ${hidden}`);
    },
  },
];
