import { deriveDimension } from '../model/dimension.ts';
import { datePart } from '../model/expression.ts';
import { column } from '../model/star-table.ts';
import { songplays } from './songplays.ts';

export const time = deriveDimension(songplays, (play) => ({
  name: 'time',
  doc: 'The instants at which songs started, with the parts of their date. UTC.',
  grain: 'one row per distinct start_time of songplays',
  key: { start_time: column(play.start_time, 'The instant') },
  columns: {
    hour: column(datePart('hour', play.start_time), 'Hour, 0 to 23', { required: true }),
    day: column(datePart('day', play.start_time), 'Day of the month, 1 to 31', { required: true }),
    week: column(datePart('week', play.start_time), 'ISO 8601 week, 1 to 53', { required: true }),
    month: column(datePart('month', play.start_time), 'Month, 1 to 12', { required: true }),
    year: column(datePart('year', play.start_time), 'Calendar year', { required: true }),
    weekday: column(datePart('weekday', play.start_time), 'Day of the week, 0 = Sunday to 6 = Saturday', {
      required: true,
    }),
  },
  physical: { redshift: { distribution: { key: 'start_time' }, sortKey: ['start_time'] } },
}));
