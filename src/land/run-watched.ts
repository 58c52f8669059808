import type { DuckDBConnection } from '@duckdb/node-api';

const everyMs = 250;

/**
 * Runs a statement and tells now and then which share of it is done (0…1). What `onShare` throws ends the statement and
 * is thrown. DuckDB counts only with its progress bar on, which is kept from printing; the settings, of this connection
 * alone, are afterwards as they were.
 */
export async function runWatched(
  connection: DuckDBConnection,
  sql: string,
  onShare: (share: number) => void,
): Promise<void> {
  const before = await settingsOf(connection);
  await connection.run('set enable_progress_bar = true; set enable_progress_bar_print = false');
  const watch = watchProgress(connection, onShare);
  try {
    await connection.run(sql);
  } catch (error) {
    watch.confirmUndisturbed();
    throw error;
  } finally {
    watch.end();
    // After a failed statement the transaction takes no other; the connection is of no more use then.
    await connection.run(before).catch(() => {});
  }
  watch.confirmUndisturbed();
}

function watchProgress(connection: DuckDBConnection, onShare: (share: number) => void) {
  let thrown: { readonly error: unknown } | undefined;
  const end = () => clearInterval(timer);
  const timer = setInterval(() => {
    const { percentage } = connection.progress;
    try {
      // It is -1 as long as nothing is known.
      onShare(Math.min(1, Math.max(0, percentage / 100)));
    } catch (error) {
      thrown = { error };
      end();
      connection.interrupt();
    }
  }, everyMs);
  return {
    end,
    confirmUndisturbed: () => {
      if (thrown) throw thrown.error;
    },
  };
}

async function settingsOf(connection: DuckDBConnection): Promise<string> {
  const settings = await connection.runAndReadAll(
    "select current_setting('enable_progress_bar'), current_setting('enable_progress_bar_print')",
  );
  const [bar, print] = settings.getRows()[0] ?? [];
  return `set enable_progress_bar = ${bar}; set enable_progress_bar_print = ${print}`;
}
