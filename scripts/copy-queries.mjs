// tsc copies no SQL: the analytics queries go beside the compiled warehouse that reads them.
import { cpSync } from 'node:fs';

cpSync('src/sparkify/queries', 'dist/sparkify/queries', { recursive: true });
