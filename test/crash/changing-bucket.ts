import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { eventLine, songFile } from '../oracle/build-bucket.ts';
import { writeBucket } from '../support/bucket.ts';

const dayKey = (day: number): string => `log_data/2018/11/2018-11-0${day}-events.json`;

const line = (session: number, item: number, fields: object = {}): string =>
  `${eventLine({ sessionId: session, itemInSession: item, ts: 1541121934796 + session * 1000 + item, ...fields })}\n`;

const numbered = (number: number) => songFile({ song_id: `SO${number}`, artist_id: `AR${number % 3}` });
const [corrected, vanishing, touched, kept] = [numbered(1), numbered(2), numbered(3), numbered(4)];

/** A few days with rejects, a blank line and duplicates, and a few songs. */
export function fillBucket(bucket: string): void {
  writeBucket(bucket, [
    { key: dayKey(1), content: `${line(1, 0)}${line(1, 1, { page: 'Home' })}{broken\n` },
    { key: dayKey(2), content: `${line(2, 0, { userId: '4' })}${line(2, 1)}` },
    { key: dayKey(3), content: `${line(3, 0)}\n${line(3, 0)}` },
    { key: dayKey(4), content: line(4, 0, { userId: '5', level: 'paid' }) },
    corrected,
    vanishing,
    touched,
    kept,
  ]);
}

/** New, changed, grown, vanished and touched objects, and duplicates between them. */
export function changeBucket(bucket: string): void {
  writeBucket(bucket, [
    { key: dayKey(1), content: `${line(1, 0)}${line(1, 1, { page: 'Home' })}{broken\n${line(1, 2)}{worse\n` },
    { key: dayKey(2), content: `${line(2, 0, { userId: '4', level: 'paid' })}${line(5, 1)}` },
    { key: dayKey(5), content: `${line(3, 0)}${line(6, 0, { userId: '6' })}` },
    { ...corrected, content: String(corrected.content).replace('200.25', '200.75') },
    songFile({ song_id: 'SO2', duration: 200.5 }),
    songFile({ song_id: 'SO9', title: 'Other' }),
  ]);
  for (const key of [dayKey(4), vanishing.key]) rmSync(join(bucket, key));
  utimesSync(join(bucket, touched.key), new Date(), new Date('2030-01-01'));
}
