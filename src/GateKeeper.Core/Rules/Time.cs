using System.Globalization;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>Durations, week days and zones as the rules write them.</summary>
public static class Time
{
    private const int MostOfAUnit = 1_000_000;

    /// <summary>Null unless the text is a whole number from 1 to a million followed by s, m, h or d.</summary>
    public static TimeSpan? Duration(string text)
    {
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is <= 0 or > MostOfAUnit)
            return null;

        return text[^1] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            'd' => TimeSpan.FromDays(count),
            _ => null,
        };
    }

    /// <summary>As people say it: 45 s, 20 min, 3 h 5 min.</summary>
    public static string Say(TimeSpan span) =>
        span < TimeSpan.FromMinutes(2) ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#} s")
        : span < TimeSpan.FromHours(2) ? $"{(int)span.TotalMinutes} min"
        : span < TimeSpan.FromDays(2) ? $"{(int)span.TotalHours} h {span.Minutes} min"
        : $"{(int)span.TotalDays} days";

    internal static TimeZoneInfo? Zone(string id) => TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) && zone.HasIanaId ? zone : null;
}

/// <summary>A moment of the week on a wall clock: "Fri 17:00".</summary>
public readonly record struct WeekTime(DayOfWeek Day, TimeOnly At)
{
    internal TimeSpan SinceSunday => TimeSpan.FromDays((int)Day) + At.ToTimeSpan();

    public static WeekTime? TryParse(string text)
    {
        string[] days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
        var words = text.Split(' ');
        var day = words.Length == 2 ? Array.IndexOf(days, words[0]) : -1;
        return day >= 0 && TimeOnly.TryParseExact(words[1], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
            ? new WeekTime((DayOfWeek)day, at)
            : null;
    }
}

/// <summary>A time in which nothing lands on the trunk, but for what <see cref="Except"/> lets through.</summary>
public sealed record Freeze
{
    public required string Name { get; init; }

    public (WeekTime From, WeekTime To)? Weekly { get; init; }

    public (DateTime From, DateTime To)? Dated { get; init; }

    public required string Zone { get; init; }

    public Condition? Except { get; init; }

    public string Reason { get; init; } = "";

    /// <summary>Judged on the wall clock of the zone, so that a change to summer time moves no freeze.</summary>
    public bool IsOn(DateTimeOffset now)
    {
        if (Time.Zone(Zone) is not { } zone)
            return true;

        var local = TimeZoneInfo.ConvertTime(now, zone).DateTime;
        if (Dated is var (from, to))
            return local >= from && local < to;
        if (Weekly is not var (start, end))
            return true;

        var point = TimeSpan.FromDays((int)local.DayOfWeek) + local.TimeOfDay;
        return start.SinceSunday <= end.SinceSunday
            ? point >= start.SinceSunday && point < end.SinceSunday
            : point >= start.SinceSunday || point < end.SinceSunday;
    }
}
