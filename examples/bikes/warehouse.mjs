// A second warehouse, over other JSON: the trips of a bicycle hire. Run it with
//   npx sparkify run --warehouse examples/bikes/warehouse.mjs --from examples/bikes/bucket --target duckdb:bikes.duckdb
// biome-ignore format: one word a line says no more
import {
  and, bigint, column, datePart, defineDimension, defineFact, defineSource, defineStaging, defineView,
  defineWarehouse, deriveDimension, descending, double, equal, fromEpochMillis, isNotNull, joined, lookup, nullIf, text,
} from 'sparkify-warehouse';

const layout = { redshift: { distribution: 'even', sortKey: [] } };

const stagingTrips = defineStaging({
  name: 'staging_trips',
  doc: 'Trips and docking events as the bicycles report them.',
  grain: 'one row per line of a report',
  source: defineSource({ name: 'trips', doc: 'One JSON object a line.', folder: 'trips', framing: 'line' }),
  columns: {
    trip: bigint({ from: 'trip', doc: 'The trip', required: true }),
    kind: text(16, { from: 'kind', doc: 'What is reported', required: true, accepted: ['ride', 'service'] }),
    started: bigint({ from: 'started', doc: 'Start', unit: 'milliseconds since 1970, UTC', required: true }),
    seconds: double({ from: 'seconds', doc: 'How long it took', unit: 'seconds' }),
    station: text(200, { from: 'from_station', doc: 'Where it began, by name' }),
    rider: bigint({ from: 'rider', doc: 'Who rode' }),
    plan: text(16, { from: 'plan', doc: 'What the rider pays by', accepted: ['day', 'year'] }),
  },
  key: ['trip'],
  newest: 'started',
  conflictingIn: ['rider'],
  requiredWhen: (trip) => [{ when: equal(trip.kind, 'ride'), columns: ['rider', 'station', 'seconds'] }],
  physical: layout,
});

const stagingStations = defineStaging({
  name: 'staging_stations',
  doc: 'Stations as the planners describe them.',
  grain: 'one row per file',
  source: defineSource({ name: 'stations', doc: 'One JSON object a file.', folder: 'stations', framing: 'object' }),
  columns: {
    code: text(8, { from: 'code', doc: 'The station', required: true }),
    name: text(200, { from: 'name', doc: 'Its name', required: true }),
    docks: bigint({ from: 'docks', doc: 'Places for bicycles; 0 when unknown' }),
    built: bigint({ from: 'built', doc: 'Year it was built' }),
  },
  key: ['code'],
  newest: 'built',
  physical: layout,
});

const stations = defineDimension(stagingStations, (station) => ({
  name: 'stations',
  doc: 'Where bicycles stand.',
  grain: 'one row per station',
  key: { station_code: column(station.code, 'The station') },
  columns: {
    station_name: column(station.name, 'Its name', { required: true }),
    docks: column(nullIf(station.docks, 0), 'Places for bicycles; NULL when unknown'),
  },
  physical: layout,
}));

const riders = defineDimension(stagingTrips, (trip) => ({
  name: 'riders',
  doc: 'Who rides.',
  grain: 'one row per rider seen on a ride',
  where: and(equal(trip.kind, 'ride'), isNotNull(trip.rider)),
  key: { rider_id: column(trip.rider, 'The rider') },
  columns: { plan: column(trip.plan, 'What the rider pays by, as of the latest ride') },
  pick: [descending(trip.started), descending(trip.trip)],
  physical: layout,
}));

const rides = defineFact(stagingTrips, (trip) => {
  const station = lookup(stations, { on: { station_name: trip.station } });
  return {
    name: 'rides',
    doc: 'What riders ride.',
    grain: 'one row per ride',
    where: equal(trip.kind, 'ride'),
    key: { ride_id: column(trip.trip, 'The ride') },
    columns: {
      started_at: column(fromEpochMillis(trip.started), 'When it began', { required: true }),
      rider_id: column(trip.rider, 'Who rode', { required: true, references: riders }),
      station_code: column(station.station_code, 'Where it began; NULL when not on the plan', { references: stations }),
      seconds: column(trip.seconds, 'How long it took', { required: true }),
    },
    physical: layout,
  };
});

const hours = deriveDimension(rides, (ride) => ({
  name: 'hours',
  doc: 'When rides begin.',
  grain: 'one row per distinct started_at',
  key: { started_at: column(ride.started_at, 'The instant') },
  columns: { hour: column(datePart('hour', ride.started_at), 'Hour, 0 to 23, UTC', { required: true }) },
  physical: layout,
}));

export const warehouse = defineWarehouse({
  name: 'bikes',
  doc: 'Who rides from where, and when.',
  staging: [stagingTrips, stagingStations],
  tables: [stations, riders, rides, hours],
  views: [
    defineView(rides, {
      name: 'all_rides',
      doc: 'Every ride with its rider, station and hour. Start here.',
      joins: [
        joined(riders, { on: 'rider_id' }),
        joined(stations, { on: 'station_code' }),
        joined(hours, { on: 'started_at' }),
      ],
    }),
  ],
  queries: new URL('./queries/', import.meta.url),
});
