import { messageOf, SparkifyError } from '../src/errors.ts';
import { smokeTest } from './smoke-test.ts';

// Usage: npm run --silent smoke:redshift > report.md, with SPARKIFY_TARGET and, for a root of one's own, SPARKIFY_FROM.
const { SPARKIFY_TARGET: target = '', SPARKIFY_FROM: root } = process.env;
// The SDK's advice to update Node is for whoever develops this tool.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const tell = (text: string): void => void process.stderr.write(`${text}\n`);

if (target.startsWith('redshift://')) {
  await smokeTest({ target, root: root || undefined, environment: process.env, tell }).then(
    ({ report, passed }) => {
      process.stdout.write(report);
      process.exitCode = passed ? 0 : 1;
    },
    (error: unknown) => {
      const hint = error instanceof SparkifyError && error.hint !== undefined ? `\n${error.hint}` : '';
      tell(`${messageOf(error)}${hint}`);
      process.exitCode = 2;
    },
  );
} else {
  tell('Set SPARKIFY_TARGET to redshift://USER:PASSWORD@HOST:5439/DATABASE?iam_role=ARN&landing=s3://BUCKET/PREFIX.');
  process.exitCode = 2;
}
