namespace GateKeeper.Runs;

/// <content>The last steps of every run: that it began is written down from within, and what a prepare step left is carried out.</content>
internal sealed partial class Sandbox
{
    private const string Status = "status";

    // The longest path within a kept tree: below what the kernel takes, so that it can be looked at and deleted where it is kept.
    private const string LongestPath = "2000";

    // The supervisor within tells descriptor 3 that the command is begun, and the command does not have that descriptor. What a run makes
    // does not depend on who started the worker, so it has the usual mask. What a step wrote is bounded like any run's, and copied only
    // once nothing of the step is left to change it. Nothing is followed: modes, links and the marks of the overlay are carried over as
    // they are, and the owner becomes the one of all layers (which costs a file its set-id bits, so they are put back).
    private const string Finish = $$"""
        umask 022
        exec 3> "$scratch/{{Status}}" || exit 125
        if [ -z "$keep" ]; then exec "$@"; fi
        "$@" || exit
        exec 2> "$scratch/unkept"
        tree={{Place}}/tree.upper home={{Place}}/home
        if [ "$how" = copy ]; then tree={{Place}}/tree; fi
        for place in "$tree" "$home"; do
          if ! (cd "$place" && find . -print0) | tr '\n\0' '?\n' | awk 'length($0) > {{LongestPath}} { far = 1 } END { exit far }'; then
            echo "a path in it is longer than {{LongestPath}} characters" >&2
            exit 1
          fi
        done
        mkdir -p "$keep/tree" "$keep/home" && cp -a "$tree/." "$keep/tree" && cp -a "$home/." "$keep/home" || exit
        if [ -n "$owner" ]; then
          find "$keep/tree" "$keep/home" \( ! -type f -o ! -perm /6000 \) -exec chown -h "$owner:$owner" {} + || exit
          find "$keep/tree" "$keep/home" -type f -perm /6000 -exec sh -c 'for file; do mode=$(stat -c %a "$file") && chown "$0" "$file" && chmod "$mode" "$file" || exit; done' "$owner:$owner" {} +
        fi
        """;

    private const string Watched = """
        scratch=$1 keep=$2 owner=$3 how=overlay; shift 3

        """ + Finish;

    private static string StatusOf(SandboxOrder order) => Path.Combine(order.Scratch, Status);

    public bool Began(SandboxOrder order) => Supervisor.Began(StatusOf(order));
}
