using System.Globalization;

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
    public Task<(List<ChangeDto> Found, Dictionary<long, string> Unread)> DetailAsync(IReadOnlyCollection<long> numbers, CancellationToken cancellation) =>
        OneByOne.AskAsync<long, ChangeDto>(numbers, AtOnce, async some =>
        {
            var query = string.Join(" OR ", some.Select(number => $"change:{Number(number)}"));
            return [.. (await QueryAsync($"{Uri.EscapeDataString(query)}&n={Page}&{Detail}", cancellation)).Where(change => change.Project == project)];
        });

    /// <summary>One change as it is at this moment, not as an index has it; null when it is gone or may not be seen any more.</summary>
    public Task<ChangeDto?> NowAsync(long number, CancellationToken cancellation, string more = "") =>
        client.TryGetAsync($"changes/{Id(number)}?{Detail}{more}", GerritJson.Default.ChangeDto, cancellation);

    /// <summary>The changes, open or not, that have any of these commits as a patch set.</summary>
    public Task<(List<ChangeDto> Found, Dictionary<string, string> Unread)> WithCommitsAsync(IReadOnlyCollection<string> commits, CancellationToken cancellation) =>
        OneByOne.AskAsync<string, ChangeDto>(commits, AtOnce, some =>
            QueryAsync($"{Uri.EscapeDataString(string.Join(" OR ", some.Select(commit => $"commit:{commit}")))}&n={Page}&o=ALL_REVISIONS&o=SKIP_DIFFSTAT", cancellation));

    /// <summary>The changes that a Depends-On line may mean: a Change-Id, a number, or the address of a change.</summary>
    public Task<IReadOnlyList<ChangeDto>> NamedAsync(string name, CancellationToken cancellation) =>
        QueryAsync($"{Uri.EscapeDataString($"change:{name}")}&n=10&o=CURRENT_REVISION&o=SKIP_DIFFSTAT", cancellation);

    public Task<IReadOnlyList<BranchDto>> BranchesAsync(CancellationToken cancellation) =>
        client.GetAsync($"projects/{Uri.EscapeDataString(project)}/branches/", GerritJson.Default.IReadOnlyListBranchDto, cancellation);

    /// <summary>Who belongs to a group and to those within it, as far as this account may see them; what a server does not tell of one is no other's trouble.</summary>
    public async Task<(IReadOnlyList<AccountDto> People, string? Unreadable)> MembersAsync(string group, string user, CancellationToken cancellation)
    {
        try
        {
            if (await client.TryGetAsync($"groups/{Uri.EscapeDataString(group)}/members/?recursive", GerritJson.Default.IReadOnlyListAccountDto, cancellation) is { } people)
                return (people, null);
        }
        catch (ForgeException error) when (error.Status is >= 500 || error.IsUnreadable)
        {
            return ([], $"the group {group} could not be read, which is tried again: {error.Message}");
        }
        catch (ForgeException error) when (error.Status is 400 or 403 or 405 or 409)
        {
            // So servers answer for groups whose members none tells, such as all registered users.
        }

        return ([], $"the group {group} does not exist or cannot be seen by {user}: make it visible to all registered users (its option visible_to_all), or put {user} into it");
    }

    /// <summary>Whether this account may see the further addresses of others.</summary>
    public async Task<bool> SeesAllAddressesAsync(CancellationToken cancellation) =>
        await client.GetAsync("accounts/self/capabilities", GerritJson.Default.CapabilitiesDto, cancellation) is { ViewSecondaryEmails: true } or { AdministrateServer: true };

    /// <summary>The accounts with these numbers and these addresses, several at a time.</summary>
    public Task<(List<AccountDto> Found, Dictionary<string, string> Unread)> PeopleAsync(IReadOnlyCollection<long> ids, IReadOnlyCollection<string> addresses, bool allAddresses, CancellationToken cancellation) =>
        OneByOne.AskAsync<string, AccountDto>(ids.Select(Number).Concat(addresses), AtOnce, some => client.GetAsync(
            $"accounts/?o=DETAILS{(allAddresses ? "&o=ALL_EMAILS" : "")}&n={Page}&q={Uri.EscapeDataString(string.Join(" OR ", some.Select(term => term.All(char.IsAsciiDigit) ? term : $"email:{Quote(term)}")))}",
            GerritJson.Default.IReadOnlyListAccountDto, cancellation));

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
