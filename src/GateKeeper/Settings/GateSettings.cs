using GateKeeper.Core.Landing;

namespace GateKeeper.Settings;

/// <summary>What the operator says, checked and with every default filled in.</summary>
internal sealed record GateSettings
{
    public required IReadOnlyList<RepositorySettings> Repositories { get; init; }

    public required RunSettings Runs { get; init; }

    /// <summary>The store's file.</summary>
    public required string Store { get; init; }

    /// <summary>The folder of mirrors, layers, logs and runs; one worker at a time has it.</summary>
    public required string Work { get; init; }

    public required PageSettings Page { get; init; }

    public TimeSpan KeepLogs { get; init; } = TimeSpan.FromDays(30);

    public long KeepLogBytes { get; init; } = 5L << 30;

    public TimeSpan KeepResults { get; init; } = TimeSpan.FromDays(90);

    /// <summary>The operator's command for alarms, given the name and the words as its arguments; null for none.</summary>
    public string? AlarmCommand { get; init; }
}

internal sealed record RepositorySettings
{
    public required string Name { get; init; }

    public required string Forge { get; init; }

    public required string Url { get; init; }

    /// <summary>The project on a server that has many; empty on plain git.</summary>
    public string Project { get; init; } = "";

    /// <summary>The names of Gerrit's labels: whose highest approves and lowest vetoes, what the gate votes with, and what asks to land.</summary>
    public (string Review, string Gate, string? Land) Labels { get; init; } = ("Code-Review", "Verified", null);

    public IReadOnlyList<string> Trunks { get; init; } = ["main"];

    /// <summary>Where the key to the trunk comes from: file:PATH, env:NAME or systemd:NAME; null where none is needed.</summary>
    public string? Credential { get; init; }

    public string User { get; init; } = "gatekeeper";

    /// <summary>Whether the forge is asked to submit, where it grants no push (landing: through: submit).</summary>
    public bool Submits { get; init; }

    /// <summary>The GitHub App in whose name the gate acts: its id, or its client id; null where the credential is a token.</summary>
    public string? App { get; init; }

    /// <summary>Where the secrets lie that webhooks are signed with: the one in use, and the next while it is changed. None: webhooks are not taken.</summary>
    public IReadOnlyList<string> WebhookSecrets { get; init; } = [];

    /// <summary>Whether GitHub itself merges (landing: through: forge) or the gate pushes; null for the way that fits the method.</summary>
    public bool? ThroughForge { get; init; }

    /// <summary>The refs under which candidates are published for the forge's own tests; null where none are.</summary>
    public string? Publish { get; init; }

    /// <summary>Where the server tells of events (ssh://user@host:port), and the key to log in there with; null to rely on the poll.</summary>
    public (Uri Address, string? Key, string? KnownHosts)? Events { get; init; }

    /// <summary>The address that the gate commits with; null where the forge knows it.</summary>
    public string? Email { get; init; }

    public string Rules { get; init; } = "rules.yaml";

    public string? InitialRules { get; init; }

    public RunFor RunFor { get; init; } = RunFor.Anyone;

    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The file of keys whose signatures count, where the forge does not tell of signatures; null where none is named.</summary>
    public string? Signers { get; init; }

    /// <summary>True when the operator vouches for what notes say about who wrote them (identity: trusted).</summary>
    public bool Trusted { get; init; }

    /// <summary>The commit that the guard's push log begins with; needed where the repository lies on another machine.</summary>
    public string? Guard { get; init; }

    public TimeSpan ProposalsSince { get; init; } = TimeSpan.FromDays(14);

    public int ProposalSlots { get; init; } = int.MaxValue;
}

internal sealed record RunSettings
{
    public int Slots { get; init; } = 2;

    public long Memory { get; init; } = 4L << 30;

    public long Disk { get; init; } = 8L << 30;

    public int Processes { get; init; } = 512;

    public long Output { get; init; } = 16L << 20;

    public IReadOnlyList<string> Mounts { get; init; } = [];

    public bool Network { get; init; }

    /// <summary>The users that runs may be, where the worker is root; null for the usual ones.</summary>
    public (uint First, uint Last)? Users { get; init; }

    /// <summary>False only where the operator said by name that proposed code runs without a sandbox.</summary>
    public bool Sandboxed { get; init; } = true;
}

/// <param name="Listen">The address and port that it listens on.</param>
/// <param name="Address">Where people reach it.</param>
/// <param name="Token">Where the token lies that opens it; null where it is open to all.</param>
internal sealed record PageSettings(string Listen, string? Address, string? Token);
