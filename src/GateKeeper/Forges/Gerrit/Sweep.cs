using System.Globalization;
using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.Gerrit;

/// <summary>The questions that the gate asks a Gerrit server about one project: thin where nothing moved, and always to the end.</summary>
internal sealed class Sweep(GerritClient client, string project)
{
    private const int Page = 500;
    private const int AtOnce = 30;
    private const string Detail = "o=CURRENT_REVISION&o=DETAILED_LABELS&o=DETAILED_ACCOUNTS&o=SUBMIT_REQUIREMENTS&o=SKIP_DIFFSTAT";

    /// <summary>Every open change of these branches, without detail: enough to see which moved.</summary>
    /// <param name="branches">Short names; null for all, where the trunks are named by patterns.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<IReadOnlyList<ChangeDto>> OpenAsync(IReadOnlyCollection<string>? branches, CancellationToken cancellation) =>
        AllAsync("status:open" + (branches is null ? "" : $" ({string.Join(" OR ", branches.Select(branch => $"branch:{Quote(branch)}"))})"), cancellation);

    /// <summary>Every change of the project that was touched at that moment or since, whatever became of it.</summary>
    public Task<IReadOnlyList<ChangeDto>> TouchedAsync(DateTimeOffset since, CancellationToken cancellation) =>
        AllAsync($"after:{Quote(since.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture))}", cancellation);

    /// <summary>These changes with all that is asked of them, several at a time.</summary>
    public async Task<IReadOnlyList<ChangeDto>> DetailAsync(IReadOnlyCollection<long> numbers, CancellationToken cancellation)
    {
        var found = new List<ChangeDto>();
        foreach (var some in numbers.Chunk(AtOnce))
        {
            var query = string.Join(" OR ", some.Select(number => $"change:{Number(number)}"));
            found.AddRange((await QueryAsync($"{Uri.EscapeDataString(query)}&n={Page}&{Detail}", cancellation)).Where(change => change.Project == project));
        }

        return found;
    }

    /// <summary>One change as it is at this moment, not as an index has it; null when it is gone or may not be seen any more.</summary>
    public Task<ChangeDto?> NowAsync(long number, CancellationToken cancellation, string more = "") =>
        client.TryGetAsync($"changes/{Id(number)}?{Detail}{more}", GerritJson.Default.ChangeDto, cancellation);

    /// <summary>The changes, open or not, that have any of these commits as a patch set.</summary>
    public async Task<IReadOnlyList<ChangeDto>> WithCommitsAsync(IReadOnlyCollection<CommitSha> commits, CancellationToken cancellation)
    {
        var found = new List<ChangeDto>();
        foreach (var some in commits.Chunk(AtOnce))
            found.AddRange(await QueryAsync($"{Uri.EscapeDataString(string.Join(" OR ", some.Select(commit => $"commit:{commit.Hex}")))}&n={Page}&o=ALL_REVISIONS&o=SKIP_DIFFSTAT", cancellation));
        return found;
    }

    /// <summary>The changes that a Depends-On line may mean: a Change-Id, a number, or the address of a change.</summary>
    public Task<IReadOnlyList<ChangeDto>> NamedAsync(string name, CancellationToken cancellation) =>
        QueryAsync($"{Uri.EscapeDataString($"change:{name}")}&n=10&o=CURRENT_REVISION&o=SKIP_DIFFSTAT", cancellation);

    public Task<IReadOnlyList<BranchDto>> BranchesAsync(CancellationToken cancellation) =>
        client.GetAsync($"projects/{Uri.EscapeDataString(project)}/branches/", GerritJson.Default.IReadOnlyListBranchDto, cancellation);

    /// <summary>Who belongs to a group and to those within it, as far as this account may see them.</summary>
    public async Task<(IReadOnlyList<AccountDto> People, string? Unreadable)> MembersAsync(string group, string user, CancellationToken cancellation) =>
        await TryMembersAsync(group, cancellation) is { } people
            ? (people, null)
            : ([], $"the group {group} does not exist or cannot be seen by {user}: make it visible to all registered users (its option visible_to_all), or put {user} into it");

    /// <summary>Null also for groups whose members no server tells, such as all registered users.</summary>
    private async Task<IReadOnlyList<AccountDto>?> TryMembersAsync(string group, CancellationToken cancellation)
    {
        try
        {
            return await client.TryGetAsync($"groups/{Uri.EscapeDataString(group)}/members/?recursive", GerritJson.Default.IReadOnlyListAccountDto, cancellation);
        }
        catch (ForgeException error) when (error.Status is 400 or 403 or 405 or 409)
        {
            return null;
        }
    }

    /// <summary>Whether this account may see the further addresses of others.</summary>
    public async Task<bool> SeesAllAddressesAsync(CancellationToken cancellation) =>
        await client.GetAsync("accounts/self/capabilities", GerritJson.Default.CapabilitiesDto, cancellation) is { ViewSecondaryEmails: true } or { AdministrateServer: true };

    /// <summary>The accounts with these numbers and these addresses, in one question.</summary>
    public async Task<IReadOnlyList<AccountDto>> PeopleAsync(IReadOnlyCollection<long> ids, IReadOnlyCollection<string> addresses, bool allAddresses, CancellationToken cancellation)
    {
        var terms = ids.Select(Number).Concat(addresses.Select(address => $"email:{Quote(address)}")).ToList();
        var found = new List<AccountDto>();
        foreach (var some in terms.Chunk(AtOnce))
            found.AddRange(await client.GetAsync($"accounts/?o=DETAILS{(allAddresses ? "&o=ALL_EMAILS" : "")}&n={Page}&q={Uri.EscapeDataString(string.Join(" OR ", some))}", GerritJson.Default.IReadOnlyListAccountDto, cancellation));
        return found;
    }

    /// <summary>How the server's addresses name a change of this project.</summary>
    public string Id(long number) => $"{Uri.EscapeDataString(project)}~{Number(number)}";

    /// <summary>All that a question about the project finds, page for page and without detail.</summary>
    private async Task<IReadOnlyList<ChangeDto>> AllAsync(string which, CancellationToken cancellation)
    {
        var query = $"project:{Quote(project)} {which}";
        var changes = new Dictionary<long, ChangeDto>();
        for (var start = 0; ;)
        {
            var page = await QueryAsync($"{Uri.EscapeDataString(query)}&n={Page}&S={start}&o=SKIP_DIFFSTAT", cancellation);
            foreach (var change in page)
                changes.TryAdd(change.Number, change);
            start += page.Count;
            if (page.Count == 0 || !page[^1].MoreChanges)
                return [.. changes.Values];
        }
    }

    private Task<IReadOnlyList<ChangeDto>> QueryAsync(string query, CancellationToken cancellation) =>
        client.GetAsync($"changes/?q={query}", GerritJson.Default.IReadOnlyListChangeDto, cancellation);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A value that cannot end its own quotes: what is asked comes partly from what strangers wrote.</summary>
    private static string Quote(string value) => $"\"{value.Replace("\\", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal)}\"";
}
