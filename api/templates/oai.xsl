<?xml version="1.0" encoding="UTF-8"?>
<!-- What a browser shows of an OAI-PMH response: its elements in the words of the reader, with links to the next steps. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:oai="http://www.openarchives.org/OAI/2.0/" exclude-result-prefixes="oai">
<xsl:output method="html" encoding="UTF-8" doctype-system="about:legacy-compat"/>
<xsl:variable name="base" select="/oai:OAI-PMH/oai:request"/>
<xsl:variable name="prefix"><xsl:choose><xsl:when test="$base/@metadataPrefix"><xsl:value-of select="$base/@metadataPrefix"/></xsl:when><xsl:otherwise>oai_dc</xsl:otherwise></xsl:choose></xsl:variable>
<xsl:template match="/oai:OAI-PMH">
<html lang="{{ lang }}"><head><meta name="viewport" content="width=device-width, initial-scale=1"/><meta name="color-scheme" content="light dark"/><title>{{ t("oai.title") }} · {{ t("site.name") }}</title><link rel="stylesheet" href="{{ static('site.css') }}"/></head>
<body><header class="top"><div class="wrap top-row bare"><a class="brand" href="{{ href('/') }}"><img src="{{ static('mark.svg') }}" alt="" width="30" height="30"/><span>{{ t("site.name") }}</span></a></div></header>
<main><div class="wrap"><h1>{{ t("oai.title") }} <code><xsl:value-of select="$base/@verb"/></code></h1>
<p class="lead">{{ t("oai.lead") }} <a href="{{ href('/help') }}#machines">{{ t("nav.help") }}</a></p>
<nav aria-label="OAI-PMH"><ul class="inline">
{% for verb in ("Identify", "ListMetadataFormats", "ListSets") %}<li><a href="{$base}?verb={{ verb }}">{{ t("oai." ~ verb) }}</a></li>
{% endfor %}{% for verb in ("ListIdentifiers", "ListRecords") %}<li><a href="{$base}?verb={{ verb }}&amp;metadataPrefix=oai_dc">{{ t("oai." ~ verb) }}</a></li>
{% endfor %}</ul></nav>
<p class="when"><xsl:value-of select="oai:responseDate"/></p>
<xsl:apply-templates select="*[not(self::oai:responseDate or self::oai:request)]"/></div></main></body></html>
</xsl:template>
<!-- A value as a part of an address: what percent-encoding has already written is not read as such again. -->
<xsl:template name="escaped"><xsl:param name="text"/><xsl:param name="signs" select="'%+&amp;#;'"/>
<xsl:variable name="sign" select="substring($signs, 1, 1)"/>
<xsl:choose>
<xsl:when test="$sign = ''"><xsl:value-of select="$text"/></xsl:when>
<xsl:when test="contains($text, $sign)">
<xsl:call-template name="escaped"><xsl:with-param name="text" select="substring-before($text, $sign)"/><xsl:with-param name="signs" select="substring($signs, 2)"/></xsl:call-template>
<xsl:choose><xsl:when test="$sign = '%'">%25</xsl:when><xsl:when test="$sign = '+'">%2B</xsl:when><xsl:when test="$sign = '&amp;'">%26</xsl:when><xsl:when test="$sign = '#'">%23</xsl:when><xsl:otherwise>%3B</xsl:otherwise></xsl:choose>
<xsl:call-template name="escaped"><xsl:with-param name="text" select="substring-after($text, $sign)"/><xsl:with-param name="signs" select="$signs"/></xsl:call-template>
</xsl:when>
<xsl:otherwise><xsl:call-template name="escaped"><xsl:with-param name="text" select="$text"/><xsl:with-param name="signs" select="substring($signs, 2)"/></xsl:call-template></xsl:otherwise>
</xsl:choose></xsl:template>
<xsl:template match="oai:error"><p class="flag flag-error"><code><xsl:value-of select="@code"/></code></p><p lang="en"><xsl:value-of select="."/></p></xsl:template>
<xsl:template match="oai:resumptionToken"><p class="pager"><xsl:if test="@completeListSize"><span><xsl:value-of select="@cursor + count(../*) - 1"/> / <xsl:value-of select="@completeListSize"/></span></xsl:if>
<xsl:if test="normalize-space(.)"><xsl:variable name="token"><xsl:call-template name="escaped"><xsl:with-param name="text" select="normalize-space(.)"/></xsl:call-template></xsl:variable>
<a class="next" rel="next" href="{$base}?verb={$base/@verb}&amp;resumptionToken={$token}">{{ t("oai.next") }}</a></xsl:if></p></xsl:template>
<xsl:template match="oai:set"><xsl:variable name="spec"><xsl:call-template name="escaped"><xsl:with-param name="text" select="oai:setSpec"/></xsl:call-template></xsl:variable>
<p><a href="{$base}?verb=ListRecords&amp;metadataPrefix=oai_dc&amp;set={$spec}"><xsl:value-of select="oai:setName"/></a><br/><span class="path"><xsl:value-of select="oai:setSpec"/></span></p></xsl:template>
<xsl:template match="oai:metadataFormat"><p><a href="{$base}?verb=ListRecords&amp;metadataPrefix={oai:metadataPrefix}"><code><xsl:value-of select="oai:metadataPrefix"/></code></a><br/><span class="path"><xsl:value-of select="oai:metadataNamespace"/></span></p></xsl:template>
<xsl:template match="oai:header"><xsl:variable name="identifier"><xsl:call-template name="escaped"><xsl:with-param name="text" select="oai:identifier"/></xsl:call-template></xsl:variable>
<p><a href="{$base}?verb=GetRecord&amp;metadataPrefix={$prefix}&amp;identifier={$identifier}"><code><xsl:value-of select="oai:identifier"/></code></a><xsl:text> </xsl:text><span class="when"><xsl:value-of select="oai:datestamp"/></span><xsl:if test="@status = 'deleted'"><xsl:text> </xsl:text><span class="flag">{{ t("oai.deleted") }}</span></xsl:if></p></xsl:template>
<xsl:template match="oai:record"><section><xsl:apply-templates/></section></xsl:template>
<xsl:template match="oai:metadata | oai:description | oai:setDescription"><dl class="facts"><xsl:apply-templates select=".//*[not(*)]" mode="leaf"/></dl></xsl:template>
<xsl:template match="oai:Identify"><dl class="facts"><xsl:apply-templates select="*[not(*)]" mode="leaf"/></dl><xsl:apply-templates select="oai:description"/></xsl:template>
<xsl:template match="*" mode="leaf"><div class="fact"><dt><code><xsl:value-of select="local-name()"/></code><xsl:if test="@xml:lang"> [<xsl:value-of select="@xml:lang"/>]</xsl:if></dt><dd><xsl:if test="@xml:lang"><xsl:attribute name="lang"><xsl:value-of select="@xml:lang"/></xsl:attribute></xsl:if><xsl:value-of select="."/></dd></div></xsl:template>
</xsl:stylesheet>
