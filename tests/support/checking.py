"""What the tests in Python share: checks that are counted, the program run with nothing of the caller's environment, the end.

    t = Checking(os.path.abspath(sys.argv[1]), home)
    status, out, err = t.run('audit', '--print-policy')
    t.check('--print-policy', status == 0, (status, err))
    t.end()

Standard library only.
"""
import os
import subprocess
import sys

SHOWN_MAX = 1500  # of a fault


class Checking:
    def __init__(self, program='', home='/nonexistent'):
        self.program, self.home, self.faults, self.count = program, home, [], 0
        self.within = []  # what each run is started by

    def check(self, name, right, shown=''):
        self.count += 1
        if not right:
            self.faults.append((name + (f': {shown!r}' if shown != '' else ''))[:SHOWN_MAX])

    def environment(self, **more):
        keep = {k: v for k, v in os.environ.items() if k in ('PATH', 'LD_LIBRARY_PATH') or k.endswith('SAN_OPTIONS')}
        return {**keep, 'HOME': self.home, 'LC_ALL': 'C.UTF-8', **more}

    def run(self, *arguments, timeout=120, **environment):
        """Exit status and both outputs."""
        done = subprocess.run([*self.within, self.program, *arguments], capture_output=True, timeout=timeout, check=False,
                              stdin=subprocess.DEVNULL, env=self.environment(**environment))
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def end(self):
        """Says what was wrong, and exits with it; a test that checked nothing fails."""
        for fault in self.faults:
            print('FAILED: ' + fault)
        print('%d of %d right' % (self.count - len(self.faults), self.count))
        sys.exit(1 if self.faults or not self.count else 0)
