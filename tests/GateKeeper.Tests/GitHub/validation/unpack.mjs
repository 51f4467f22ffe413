// Of one package, which is far larger than what is needed of it, takes out a single file, after making sure that the package is the one that is meant.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

const wanted = JSON.parse(readFileSync('package.json', 'utf8')).onlyOneFile;
const room = mkdtempSync('unpack-');
try {
  const name = execFileSync('npm', ['pack', '--silent', '--pack-destination', room, wanted.package], { encoding: 'utf8' }).trim().split('\n').pop();
  const archive = join(room, name);
  const found = 'sha512-' + createHash('sha512').update(readFileSync(archive)).digest('base64');
  if (found !== wanted.integrity) throw new Error(`${wanted.package} is not the one that is meant: ${found}`);
  execFileSync('tar', ['-xzf', archive, '-C', room, `package/${wanted.file}`]);
  renameSync(join(room, 'package', wanted.file), basename(wanted.file));
} finally {
  rmSync(room, { recursive: true, force: true });
}
