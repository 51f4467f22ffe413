namespace GateKeeper.Runs;

/// <content>The last steps of every run: that it began is written down from within, and what a prepare step left is carried out.</content>
internal sealed partial class Sandbox
{
    private const string Status = "status";

    // The longest path within a kept tree: below what the kernel takes, so that it can be looked at and deleted where it is kept.
    private const string LongestPath = "2000";

    // Bubblewrap tells descriptor 3 of an exit code only where the command was begun, and the command does not have that descriptor.
    // What a step wrote is bounded like any run's, and copied only once nothing of the step is left to change it. Nothing is followed:
    // modes, owners, links and the marks of the overlay are carried over as they are.
    private const string Finish = $$"""
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
        mkdir -p "$keep/tree" "$keep/home" && cp -a "$tree/." "$keep/tree" && cp -a "$home/." "$keep/home"
        """;

    private const string Watched = """
        scratch=$1 keep=$2 how=overlay; shift 2

        """ + Finish;

    public bool Began(SandboxOrder order) =>
        Path.Combine(order.Scratch, Status) is var status && File.Exists(status) && File.ReadAllText(status).Contains("\"exit-code\"", StringComparison.Ordinal);
}
