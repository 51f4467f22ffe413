namespace GateKeeper.Forges.Gerrit;

/// <summary>
/// Looks at a project as the gate's account sees it, and, where an administrator lends a login, at the rights as the server has them; says
/// what is right, what is wrong, what cannot be seen, and what mends it.
/// </summary>
internal sealed class GerritDoctor(GerritPlace place, string? email, GerritClient gate, GerritClient? administrator, TimeProvider time)
{
    private static readonly Version Tried = new(3, 10);
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    /// <exception cref="ForgeException">The server did not answer.</exception>
    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation)
    {
        var findings = new List<Finding> { await ClockAsync(cancellation) };
        AccountDto self;
        try
        {
            self = await gate.GetAsync("accounts/self/detail", GerritJson.Default.AccountDto, cancellation);
        }
        catch (ForgeException error) when (error.Status is >= 400 and < 500)
        {
            return [.. findings, Finding.Wrong("login", error.Message, $"make the account {place.User} (PUT /accounts/{place.User}), give it an HTTP password or token, and name that in the settings (user, credential)")];
        }

        findings.Add(Finding.Right("login", $"{place.User} is account {self.Id}"));
        findings.Add(await VersionAsync(cancellation));
        findings.Add(await EmailAsync(self, cancellation));
        findings.Add(await AddressesAsync(cancellation));
        if (await gate.SeenAsync(Project(), AccessJson.Default.ProjectDto, cancellation) is not { } project)
            return [.. findings, Finding.Wrong("project", $"there is no project {place.Project}, or {place.User} may not see it", $"correct \"project\" in the settings, or give the group of {place.User} the right Read on refs/* of {place.Project}")];
        findings.Add(project.State is null or "ACTIVE" ? Finding.Right("project", $"{place.User} sees {place.Project}")
            : Finding.Wrong("project", $"{place.Project} is {project.State}, so nothing lands there", "make it active (PUT /projects/P/config with state ACTIVE)"));
        if (administrator is not null && !await RightsReader.AdministersAsync(administrator, cancellation))
            return [.. findings, Finding.Wrong("the administrator's login", "it is taken, and administers nothing", "name a login with the global capability Administrate Server by --admin, or none")];

        var there = await SightReader.BranchesAsync(gate, place.Project, cancellation);
        var branches = GerritSight.Meant(place.Trunks, there);
        findings.AddRange(place.Trunks.Where(trunk => !trunk.Contains('*', StringComparison.Ordinal)).Select(trunk => there.Contains(trunk) ? Finding.Right($"trunk {trunk}", "it is there")
            : Finding.Wrong($"trunk {trunk}", $"there is no branch {trunk}, or {place.User} may not see it", $"make it, correct \"trunks\" in the settings, or give the group of {place.User} the right Read on refs/heads/{trunk}")));
        var sight = await new SightReader(place, gate, administrator).SeeAsync(self, project, branches, cancellation);
        return [.. findings, .. new LabelDoctor(sight).Judge(), .. new AccessDoctor(sight).Judge()];
    }

    private string Project() => $"projects/{Uri.EscapeDataString(place.Project)}";

    private async Task<Finding> ClockAsync(CancellationToken cancellation)
    {
        var before = time.GetUtcNow();
        if (await gate.ClockAsync(cancellation) is not { } there)
            return Finding.Unknown("clock", "the server does not say what time it is", "let proxies pass the Date header");
        var off = there < before - TimeSpan.FromSeconds(1) ? there - before : there > time.GetUtcNow() ? there - time.GetUtcNow() : TimeSpan.Zero;
        return off.Duration() <= Skew ? Finding.Right("clock", "the server's agrees with this machine's")
            : Finding.Wrong("clock", FormattableString.Invariant($"the server's is {off.Duration().TotalSeconds:0} seconds {(off > TimeSpan.Zero ? "ahead of" : "behind")} this machine's"), "let both machines keep their clocks by NTP");
    }

    private async Task<Finding> VersionAsync(CancellationToken cancellation)
    {
        var text = await gate.GetAsync("config/server/version", AccessJson.Default.String, cancellation);
        return !Version.TryParse(string.Concat(text.TakeWhile(letter => char.IsAsciiDigit(letter) || letter == '.')).Trim('.'), out var version) ? Finding.Unknown("server", $"it calls itself {text}", "a released Gerrit from 3.10 has been tried")
            : version >= Tried ? Finding.Right("server", $"Gerrit {text}")
            : Finding.Wrong("server", $"Gerrit {text} has not been tried, and lacks what the gate asks for", "bring the server to Gerrit 3.10 or later");
    }

    /// <summary>Who wrote a commit is known by its address, and Gerrit shows an account's further ones only to some.</summary>
    private async Task<Finding> AddressesAsync(CancellationToken cancellation) =>
        await new Sweep(gate, place.Project).SeesAllAddressesAsync(cancellation) ? Finding.Right("addresses of authors", $"{place.User} sees all that an account has")
            : Finding.Wrong("addresses of authors", $"{place.User} sees only the preferred address of each account, so changes wait whose commits bear another", $"give the group of {place.User} the global capability View Secondary Emails");

    /// <summary>Gerrit takes commits only from an address that it knows of the account.</summary>
    private async Task<Finding> EmailAsync(AccountDto self, CancellationToken cancellation)
    {
        const string What = "e-mail";
        var register = $"PUT /accounts/{self.Id}/emails/{Uri.EscapeDataString(email ?? "gatekeeper@example.org")} with no_confirmation, as an administrator";
        if (await gate.SeenAsync("accounts/self/emails", AccessJson.Default.IReadOnlyListEmailDto, cancellation) is not { } known)
            return Finding.Unknown(What, "the server does not say which addresses the account has", "look again; the account itself may always see them");
        var wanted = email ?? self.Email;
        return wanted is null ? Finding.Wrong(What, $"the account {place.User} has no address, so the gate could commit nothing", register)
            : known.Any(address => address.Email == wanted) ? Finding.Right(What, $"the gate commits as {wanted}, which is the account's")
            : Finding.Wrong(What, $"the gate commits as {wanted}, and the account has {(known.Count == 0 ? "no address" : string.Join(", ", known.Select(address => address.Email)))}", $"{register}; or correct \"email\" in the settings");
    }
}
