import { refuseWrongUse } from '../pipeline/confirm.ts';
import { periodOf } from '../pipeline/period.ts';
import type { RunOptions } from '../pipeline/run.ts';
import { textFlag } from './options.ts';
import type { Flags } from './settings.ts';

export type Requests = Pick<RunOptions, 'period' | 'fullRefresh' | 'forgetVanished' | 'addRoot' | 'yes'>;

/** What the flags of `withRequests` ask for. @throws USAGE for what is no day, and for what cannot be asked at once */
export function requestsOf(flags: Flags): Requests {
  const requests = {
    period: periodOf(textFlag(flags.since), textFlag(flags.until)),
    fullRefresh: flags.fullRefresh === true,
    forgetVanished: flags.forgetVanished === true,
    addRoot: flags.addRoot === true,
    yes: flags.yes === true,
  };
  refuseWrongUse(requests);
  return requests;
}
