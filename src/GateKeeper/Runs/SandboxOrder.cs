using System.Diagnostics;

namespace GateKeeper.Runs;

/// <summary>What the operator allows each run.</summary>
internal sealed record RunLimits(long Memory, long Disk, int Processes, long Output, bool Network = false)
{
    /// <summary>What of them can change how a run ends, for keys: what failed within narrow limits says nothing of wider ones.</summary>
    public string Identity => FormattableString.Invariant($"memory {Memory} disk {Disk} processes {Processes} output {Output}");

    /// <summary>Which users runs may be, where the worker is root.</summary>
    public UserRange Users { get; init; } = UserRange.Usual;

    /// <summary>How many runs there may be at once.</summary>
    public int Slots { get; init; } = 2;
}

/// <summary>The tree that a run is to see: of which repository, and whether nothing that a prepare step left lies below it.</summary>
internal sealed record RunTree(string Mirror, string Id, bool IsAlone);

/// <summary>One command to be run in the sandbox, on which layers, with which environment.</summary>
internal sealed record SandboxOrder
{
    public required string Command { get; init; }

    public required IReadOnlyList<string> Layers { get; init; }

    /// <summary>What the layers are made of, for whoever compares; null where they are of no repository.</summary>
    public RunTree? Tree { get; init; }

    public required string Scratch { get; init; }

    public required IEnumerable<KeyValuePair<string, string>> Environment { get; init; }

    /// <summary>Held open by the sandbox for whoever looks at what the command wrote; null where nobody does.</summary>
    public WrittenTree? Written { get; init; }

    /// <summary>Read-only layers of the home directory, the uppermost first.</summary>
    public IReadOnlyList<string> HomeLayers { get; init; } = [];

    public bool Network { get; init; }

    /// <summary>Where what it writes is kept (a prepare step); null when it is discarded whole.</summary>
    public string? Keep { get; init; }

    /// <summary>Why what a prepare step left could not be kept; null when it could.</summary>
    public string? Unkept => Path.Combine(Scratch, "unkept") is var note && File.Exists(note) && File.ReadLines(note).FirstOrDefault() is { Length: > 0 } why ? why : null;
}

/// <summary>Where proposed code runs, and how it is held there.</summary>
internal interface ISandbox
{
    /// <summary>Whether layers can be laid on each other; if not, each run gets a whole tree of its own.</summary>
    bool Overlays { get; }

    /// <summary>Null where no cgroup can be written.</summary>
    Cgroups? Cgroups { get; }

    /// <summary>Stands for what a run sees of the machine: part of every key.</summary>
    string Fingerprint { get; }

    /// <summary>Whose the files of layers are to be; null where they are the worker's own.</summary>
    uint? Owner { get; }

    /// <summary>Why no run can have the network; null when one can.</summary>
    string? NetworkProblem { get; }

    /// <summary>What the operator must know for as long as it is so; null when all is as promised.</summary>
    string? Alarm { get; }

    /// <summary>Whether the command itself was begun: what went wrong before is the machine's failure, not the change's.</summary>
    bool Began(SandboxOrder order);

    /// <summary>Whether the command itself came to an end: where it did not, somebody else ended what reports its exit code.</summary>
    bool Ended(SandboxOrder order);

    /// <summary>Starts a run. It ends with the process that is answered, and everything that it started with it.</summary>
    /// <exception cref="IOException">The run could not be started.</exception>
    Process Start(SandboxOrder order, RunGroup? group);
}
