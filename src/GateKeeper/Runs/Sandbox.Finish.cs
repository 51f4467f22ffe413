namespace GateKeeper.Runs;

/// <content>The scripts around every run: its mounts, that it began and ended, and what a prepare step left, which is carried out.</content>
internal sealed partial class Sandbox
{
    private const string Status = "status";
    private const string Keeping = "keeping";
    private const string Kept = "kept";

    // The first thing that happens is that the process enters its cgroups: what it starts afterwards is in them too.
    private const string Enter = """count=$1; shift; while [ "$count" -gt 0 ]; do echo 0 > "$1" || exit 125; shift; count=$((count - 1)); done; exec "$@" """;

    // All mounts are seen by this process and its children only, and go with them. The paths are the same constants in every run.
    private const string Mount = Ordinary + """

        scratch=$1 disk=$2 how=$3 layers=$4 homes=$5 keep=$6 options=$7 user=$8 etc=$9; shift 9; nameserver=$1 owner=$2 waits=$3; shift 3
        if [ -n "$nameserver" ]; then
        """ + JoinNetwork + """

        fi
        exec 4>&2 2>&1
        mount -t tmpfs -o "size=$disk,mode=0755" gatekeeper /mnt || exit 125
        cd /mnt && mkdir tree tree.upper tree.work home home.upper home.work tmp shm etc && mount --bind "$etc" etc || exit 125
        if [ -n "$user" ]; then chown "$user:$user" tree home tmp shm tree.upper home.upper || exit 125; fi
        if [ "$how" = overlay ]; then
          mount -t overlay overlay -o "lowerdir=$layers,upperdir=/mnt/tree.upper,workdir=/mnt/tree.work$options" tree || exit 125
          if [ -n "$homes" ]; then mount -t overlay overlay -o "lowerdir=$homes,upperdir=/mnt/home.upper,workdir=/mnt/home.work$options" home || exit 125; fi
        else
          old=$IFS; IFS=:
          for layer in $layers; do cp -a "$layer/." tree || exit 125; done
          for layer in $homes; do cp -a "$layer/." home || exit 125; done
          IFS=$old
          if [ -n "$user" ]; then chown -hR "$user:$user" tree home || exit 125; fi
        fi
        if [ -n "$user" ]; then set -- setpriv --reuid="$user" --regid="$user" --clear-groups --no-new-privs -- "$@"; fi

        """ + WrittenTree.Wait + Finish;

    // The longest path within a kept tree: below what the kernel takes, so that it can be looked at and deleted where it is kept.
    private const string LongestPath = "2000";

    // What a run makes does not depend on who started the worker, so it has the usual mask; and where the machine's memory is short the
    // kernel ends a run before it ends the worker, however that one is protected.
    private const string Ordinary = "umask 022; { echo 500 > /proc/self/oom_score_adj; } 2>/dev/null";

    // The supervisor within tells descriptor 3 that the command is begun, and the command does not have that descriptor. What a step wrote
    // is bounded like any run's, and copied only once nothing of the step is left to change it. Nothing is followed: modes, links and the
    // marks of the overlay are carried over as they are, and the owner becomes the one of all layers (which costs a file its set-id bits, so
    // they are put back).
    private const string Finish = $$"""
        exec 3> "$scratch/{{Status}}" || exit 125
        if [ -z "$keep" ]; then exec "$@"; fi
        "$@" || exit
        exec 2> "$scratch/unkept"
        echo {{Keeping}} >&3
        keep() {
        tree={{Place}}/tree.upper home={{Place}}/home
        if [ "$how" = copy ]; then tree={{Place}}/tree; fi
        for place in "$tree" "$home"; do
          if ! (cd "$place" && find . -print0) | tr '\n\0' '?\n' | awk 'length($0) > {{LongestPath}} { far = 1 } END { exit far }'; then
            echo "a path in it is longer than {{LongestPath}} characters" >&2
            return 1
          fi
        done
        mkdir -p "$keep/tree" "$keep/home" && cp -a "$tree/." "$keep/tree" && cp -a "$home/." "$keep/home" || return
        if [ -n "$owner" ]; then
          find "$keep/tree" "$keep/home" \( ! -type f -o ! -perm /6000 \) -exec chown -h "$owner:$owner" {} + || return
          find "$keep/tree" "$keep/home" -type f -perm /6000 -exec sh -c 'for file; do mode=$(stat -c %a "$file") && chown "$0" "$file" && chmod "$mode" "$file" || exit; done' "$owner:$owner" {} +
        fi
        }
        keep; code=$?
        echo {{Kept}} >&3
        exit $code
        """;

    private const string Watched = Ordinary + """

        scratch=$1 keep=$2 owner=$3 how=overlay; shift 3

        """ + Finish;

    private static string StatusOf(SandboxOrder order) => Path.Combine(order.Scratch, Status);

    public bool Began(SandboxOrder order) => Told(order, Supervisor.Begun);

    public bool Ended(SandboxOrder order) => Told(order, Supervisor.Ended) && (!Told(order, Keeping) || Told(order, Kept));

    private static bool Told(SandboxOrder order, string word) => File.Exists(StatusOf(order)) && File.ReadLines(StatusOf(order)).Contains(word);
}
