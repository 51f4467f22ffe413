namespace GateKeeper.Forges;

/// <summary>Asks about several together, and where that fails about each by itself: what the forge does not answer of one keeps no other from being read.</summary>
internal static class OneByOne
{
    /// <summary>Answers what was found, and of which nothing could be, with the reason.</summary>
    public static async Task<(List<TFound> Found, Dictionary<T, string> Unread)> AskAsync<T, TFound>(IReadOnlyList<T> all, Func<IReadOnlyList<T>, Task<IReadOnlyList<TFound>>> ask)
        where T : notnull
    {
        var (found, unread) = (new List<TFound>(), new Dictionary<T, string>());
        try
        {
            found.AddRange(await ask(all));
            return (found, unread);
        }
        catch (ForgeException error) when (error.MayBeOfOne)
        {
            if (all.Count == 1)
            {
                unread[all[0]] = error.Message;
                return (found, unread);
            }
        }

        foreach (var one in all)
        {
            try
            {
                found.AddRange(await ask([one]));
            }
            catch (ForgeException error) when (error.MayBeOfOne)
            {
                unread[one] = error.Message;
            }
        }

        return (found, unread);
    }

    /// <summary>The same, so many at a time.</summary>
    public static async Task<(List<TFound> Found, Dictionary<T, string> Unread)> AskAsync<T, TFound>(IEnumerable<T> all, int atOnce, Func<IReadOnlyList<T>, Task<IReadOnlyList<TFound>>> ask)
        where T : notnull
    {
        var (found, unread) = (new List<TFound>(), new Dictionary<T, string>());
        foreach (var some in all.Chunk(atOnce))
        {
            var (more, failed) = await AskAsync(some, ask);
            found.AddRange(more);
            foreach (var (one, why) in failed)
                unread[one] = why;
        }

        return (found, unread);
    }
}
