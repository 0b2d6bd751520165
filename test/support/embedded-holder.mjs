// Holds an embedded PostgreSQL until it is told to stop: argv is the package's folder and the data directory.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [root, dataDir] = process.argv.slice(2);
const { startEmbedded } = await import(pathToFileURL(path.join(root, 'dist/db/embedded/start.js')).href);
try {
  const embedded = await startEmbedded({ dataDir });
  process.on('SIGTERM', () => {
    void embedded.stop().then(() => process.exit(0));
  });
  process.send({ url: embedded.url });
} catch (error) {
  process.send({ code: error.code, message: error.message });
  process.disconnect();
}
